/// <reference types="node" />
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { type Plugin, defineConfig } from "vite";

const place = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const built = place("../src/laurels/console/static");

/** Compressed files beside the others, so that no server compresses them again and again. */
function compressed(): Plugin {
  return {
    name: "compressed",
    closeBundle() {
      for (const folder of [built, join(built, "assets")]) {
        for (const name of readdirSync(folder).filter((each) => /\.(html|js|css|svg)$/.test(each))) {
          const content = readFileSync(join(folder, name));
          const packed = gzipSync(content, { level: 9 });
          if (packed.length < content.length) writeFileSync(join(folder, `${name}.gz`), packed);
        }
      }
    },
  };
}

export default defineConfig(({ command, isSsrBuild }) => {
  if (command === "build" && !isSsrBuild) rmSync(built, { recursive: true, force: true });
  return {
    root: place("."),
    // All that the page names is relative to it, so that it works behind any prefix.
    base: "./",
    publicDir: false,
    plugins: isSsrBuild ? [] : [compressed()],
    resolve: { alias: { laurels: place("../clients/typescript/src/index.ts") } },
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir: isSsrBuild ? place("out") : built,
      emptyOutDir: true,
      target: "es2022",
      // The first ones with `light-dark()`.
      cssTarget: ["chrome123", "firefox120", "safari17.5"],
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  };
});
