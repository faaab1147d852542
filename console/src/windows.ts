/** The windows of boards by their keys, such as `2026-02` for a month. */

const day = 86_400_000;

/** The key of the window before, or undefined for a key of no known form. */
export function windowBefore(key: string): string | undefined {
  const [year = 0, part = 0] = key.split(/-W?/).map(Number);
  if (/^\d{4}-\d\d-\d\d$/.test(key)) return new Date(Date.parse(`${key}T00:00:00Z`) - day).toISOString().slice(0, 10);
  if (/^\d{4}-W\d\d$/.test(key)) return part > 1 ? `${four(year)}-W${two(part - 1)}` : `${four(year - 1)}-W${two(weeksOf(year - 1))}`;
  if (/^\d{4}-\d\d$/.test(key)) return part > 1 ? `${four(year)}-${two(part - 1)}` : `${four(year - 1)}-12`;
  return /^\d{4}$/.test(key) ? four(year - 1) : undefined;
}

/** The number of weeks of a year by ISO 8601: its first week has 4 January. */
function weeksOf(year: number): number {
  const week = (of: number) => Math.floor((Date.parse(`${four(of)}-01-04T00:00:00Z`) / day + 3) / 7);
  return week(year + 1) - week(year);
}

function two(part: number): string {
  return String(part).padStart(2, "0");
}

function four(year: number): string {
  return String(year).padStart(4, "0");
}
