/** Light, dark, or as the system has it. */

import { signal } from "./signals";

export type Theme = "system" | "light" | "dark";
const place = "laurels-theme";

function stored(): Theme {
  const found = localStorage.getItem(place);
  return found === "light" || found === "dark" ? found : "system";
}

export const theme = signal<Theme>("system");

export function applyTheme(): void {
  chooseTheme(stored());
}

export function chooseTheme(chosen: Theme): void {
  theme.set(chosen);
  localStorage.setItem(place, chosen);
  if (chosen === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}
