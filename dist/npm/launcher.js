#!/usr/bin/env node
"use strict";
// Starts the program that the package of this platform brings, and ends as it ends.

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { dirname, join } = require("node:path");
const { isatty } = require("node:tty");
const { name: NAME, version: VERSION, platforms: PLATFORMS } = require("./platforms.json");

function fail(problem, ...cures) {
  const here = `${process.platform} ${process.arch}`;
  process.stderr.write(`error: ${problem} (this is ${here}, ${NAME} ${VERSION})\n`);
  for (const cure of cures) process.stderr.write(`  ${cure}\n`);
  process.exit(1);
}

/** The program in the package of this platform, which npm has installed beside this one. */
function installed() {
  const platform = PLATFORMS.find(({ os, cpu }) => os === process.platform && cpu === process.arch);
  if (platform === undefined) {
    const known = PLATFORMS.map(({ os, cpu }) => `${os} ${cpu}`);
    fail("there is no program for this platform", `there is one for: ${known.join(", ")}`, "others build it with cargo");
  }
  try {
    return join(dirname(require.resolve(`${platform.name}/package.json`)), platform.program);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  fail(
    `the package with the program is not installed: ${platform.name}`,
    "npm leaves it out with `--omit=optional`, `--no-optional` or a lock made on another platform",
    `install it: npm install --include=optional ${NAME}@${VERSION}`,
  );
}

function start(program, args) {
  const child = spawn(program, args, { stdio: "inherit", windowsHide: false });
  child.on("error", (error) => fail(`the program cannot be started: ${program}`, error.message));
  // A terminal sends Ctrl-C and Ctrl-\ to the program as well; what is sent to this process alone is handed on. To touch
  // `process.stdin` would make the stream that both have one that does not wait.
  for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP"]) {
    const isSentToAll = () => isatty(0) && (signal === "SIGINT" || signal === "SIGQUIT");
    process.on(signal, () => isSentToAll() || child.kill(signal));
  }
  child.on("exit", (status, signal) => {
    if (signal === null) process.exit(status);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Where a signal does not end this process, the status says the same.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 100);
  });
}

module.exports = (args) => start(installed(), args);
if (require.main === module) module.exports(process.argv.slice(2));
