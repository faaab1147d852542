\set number random(1, :participants)
\set amount random(1, 100)
SELECT bench_award_board(n.lane, 1, n.participant_id, :amount, 'Purchase completed',
                   'p' || gen_random_uuid()::text, uuidv7(), '\x00112233445566778899aabbccddeeff')
FROM bench_name n WHERE n.number = :number;
