\set number random(1, :participants)
\set amount random(1, 100)
SELECT bench_award_plain(:number, :amount, 'p' || gen_random_uuid()::text);
