/** Numbers, times and words as people read them. */

const whole = new Intl.NumberFormat("en");

export function number(value: number): string {
  return whole.format(value);
}

/** With its sign: +5, −5. */
export function signed(value: number): string {
  return value < 0 ? `−${whole.format(-value)}` : `+${whole.format(value)}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

export function dateAndTime(moment: string, zone?: string): string {
  const style: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };
  try {
    return new Intl.DateTimeFormat("en-GB", { ...style, timeZone: zone }).format(new Date(moment));
  } catch {
    // A zone that this browser does not know.
    return new Intl.DateTimeFormat("en-GB", style).format(new Date(moment));
  }
}

/** The time zone of the viewer. */
export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment with the zone in which it is read: `1 Dec 2026, 00:00 (Europe/Berlin)`. */
export function withZone(moment: string, zone: string): string {
  return `${dateAndTime(moment, zone)} (${zone})`;
}

/**
 * A moment as a line of a history has it: `Tue, 24 Nov, 14:05`, with the year if that is not the present one. In the
 * zone of the browser, or in another one.
 */
export function dayAndTime(moment: string, now = new Date(), zone?: string): string {
  const at = new Date(moment);
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  const style: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short", year, hour: "2-digit", minute: "2-digit" };
  try {
    return new Intl.DateTimeFormat("en-GB", { ...style, timeZone: zone }).format(at);
  } catch {
    return new Intl.DateTimeFormat("en-GB", style).format(at);
  }
}

/** The time in another zone, with its day where that is another one. */
export function dayAndTimeThere(moment: string, zone: string, own?: string): string {
  const [here, there] = [dayAndTime(moment, undefined, own), dayAndTime(moment, undefined, zone)];
  const day = there.slice(0, there.lastIndexOf(", "));
  return here.startsWith(day) ? there.slice(day.length + 2) : there;
}

/** `America/New_York` as `New York`. */
export function cityOf(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** The keys of two days, weeks or months as a span: `21–24 Nov`, `2026-W07–2026-W09`. */
export function span(first: string, last: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(first)) return first === last ? first : `${first}–${last}`;
  const style = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return style.formatRange(new Date(first), new Date(last)).replaceAll(/\s*–\s*/g, "–");
}

/** The length of a streak in its own periods: `4 days`. */
export function lengthIn(period: "daily" | "weekly" | "monthly", count: number): string {
  return plural(count, { daily: "day", weekly: "week", monthly: "month" }[period]);
}

const units: [number, string][] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [30, "day"],
  [12, "month"],
  [Number.POSITIVE_INFINITY, "year"],
];

/** `3 hours ago`, `in 2 days`. */
export function distance(moment: string, now = Date.now()): string {
  let value = (new Date(moment).getTime() - now) / 1_000;
  if (Math.abs(value) < 45) return "just now";
  for (const [size, unit] of units) {
    if (Math.abs(value) < size) {
      const rounded = Math.max(1, Math.round(Math.abs(value)));
      return value < 0 ? `${plural(rounded, unit)} ago` : `in ${plural(rounded, unit)}`;
    }
    value /= size;
  }
  return "";
}

/** `award_reversal` as `Award reversal`. */
export function words(code: string): string {
  const text = code.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A moment as a field for local times has it: `2026-03-01T09:30`, and `2026-03-01T09:30:15` with seconds. */
export function localInput(moment: Date, hasSeconds = false): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, hasSeconds ? 19 : 16);
}
