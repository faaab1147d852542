/** The place in the console: behind the `#`, so that one file serves all places, and ids may hold any character. */

import { signal } from "./signals";

export interface Place {
  /** Without encoding: `/people/a%2Fb` is `["people", "a/b"]`. */
  path: string[];
  query: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export function addressOf(path: string[], query: Record<string, string> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const text = new URLSearchParams(given).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${text && `?${text}`}`;
}

export const place = signal<Place>(placeOf(location.hash));
addEventListener("hashchange", () => place.set(placeOf(location.hash)));

/** Another query of the same place, without a step in the browser's history. */
export function refine(query: Record<string, string>): void {
  history.replaceState(null, "", addressOf(place.get().path, query));
  place.set(placeOf(location.hash));
}

export function go(...path: string[]): void {
  location.hash = addressOf(path);
}
