// Reads a JSON list of numbers as people write them, and writes what becomes of each.
import { readFileSync } from "node:fs";
import { formatted } from "./handler_module.mjs";

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(formatted)));
