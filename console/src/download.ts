/** Saves a text as a file of the browser. */
export function save(text: string, name: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The name of the file with a person's data. Ids may have characters that file names cannot have. */
export function fileName(person: string): string {
  const safe = person.replaceAll(/[^\p{L}\p{N}@._-]+/gu, "_").slice(0, 100);
  return `personal-data-${safe}.json`;
}
