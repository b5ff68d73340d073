// Puts the framework into a chunk of its own, so that scripts/lint-ext.mjs can tell its code from yours.
import { mergeConfig } from "vite";
import { defineWxtModule } from "wxt/modules";

const groups = [{ name: "framework", test: /node_modules[\\/](?:react|react-dom|scheduler)[\\/]/ }];

export default defineWxtModule({
  name: "chunk",
  setup(wxt) {
    wxt.hook("vite:build:extendConfig", (entrypoints, config) => {
      // Content scripts and the background are one file each.
      if (!entrypoints.every(({ inputPath }) => inputPath.endsWith(".html"))) return;
      const output = { codeSplitting: { groups } };
      Object.assign(config, mergeConfig(config, { build: { rolldownOptions: { output } } }));
    });
  },
});
