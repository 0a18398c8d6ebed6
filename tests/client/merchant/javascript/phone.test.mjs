import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { formatPhone, formatted } from "./handler_module.mjs";

const table = new URL("../../../support/phone_cases.json", import.meta.url);

for (const { written, number, refused } of JSON.parse(readFileSync(table, "utf-8"))) {
  test(`phone ${JSON.stringify(written)}`, () => {
    assert.deepEqual(formatted(written), number === undefined ? { refused } : { number });
  });
}

test("formatting twice changes nothing", () => {
  assert.equal(formatPhone(formatPhone("0722 000000")), "254722000000");
});

for (const nothing of [undefined, true, NaN, 1.5, [], 10n]) {
  test(`${String(nothing)} is no text`, () => assert.deepEqual(formatted(nothing), { refused: "not-text" }));
}
