#!/usr/bin/env node
"use strict";
// `npm create` hands on what stands behind the name: a folder and flags of `init`.
require("{{ npm }}")(["init", ...process.argv.slice(2)]);
