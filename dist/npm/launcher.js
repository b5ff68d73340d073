#!/usr/bin/env node
"use strict";
// Starts the program that the package of this platform brings, and ends as it ends.

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { dirname, join } = require("node:path");
const { isatty } = require("node:tty");
const { name: NAME, version: VERSION, platforms: PLATFORMS } = require("./platforms.json");

/** The packages for this machine; of two for Linux npm installs the one for its C library. */
function candidates() {
  return PLATFORMS.filter(({ os, cpu }) => os === process.platform && cpu === process.arch);
}

/** The programs that are installed, in the order of the table. */
function programs() {
  const found = [];
  for (const { name, program } of candidates()) {
    try {
      found.push(join(dirname(require.resolve(`${name}/package.json`)), program));
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return found;
}

/** The C library, asked for only when something is wrong: the report takes a moment. */
function libc() {
  if (process.platform !== "linux") return "";
  process.report.excludeNetwork = true;
  const { header } = process.report.getReport();
  return header.glibcVersionRuntime ? ` with glibc ${header.glibcVersionRuntime}` : " with musl";
}

function fail(problem, ...cures) {
  const here = `${process.platform} ${process.arch}${libc()}`;
  process.stderr.write(`error: ${problem} (this is ${here}, ${NAME} ${VERSION})\n`);
  for (const cure of cures) process.stderr.write(`  ${cure}\n`);
  process.exit(1);
}

function missing() {
  const names = candidates().map(({ name }) => name);
  if (names.length === 0) {
    const known = PLATFORMS.map(({ os, cpu, libc }) => [os, cpu, libc].filter(Boolean).join(" "));
    fail("there is no program for this platform", `there is one for: ${known.join(", ")}`, "others build it with cargo");
  }
  fail(
    `the package with the program is not installed: ${names.join(" or ")}`,
    "npm leaves it out with `--omit=optional`, `--no-optional` or a lock made on another platform",
    `install it: npm install --include=optional ${NAME}@${VERSION}`,
  );
}

function start([program, ...others], args) {
  if (program === undefined) missing();
  const child = spawn(program, args, { stdio: "inherit", windowsHide: false });
  child.on("error", (error) => {
    // The program is there, but its loader is not: npm installed the package for the other C library too.
    if (error.code === "ENOENT" && others.length > 0) return start(others, args);
    const cure = error.code === "ENOENT" ? "its C library is another than this system's" : error.message;
    fail(`the program cannot be started: ${program}`, cure);
  });
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

module.exports = (args) => start(programs(), args);
if (require.main === module) module.exports(process.argv.slice(2));
