import assert from "node:assert/strict";
import { test } from "node:test";
import { PochiPaymentHandler, PhoneNumberError } from "./handler_module.mjs";

const PENDING = { payment_id: 7, status: "pending", result_code: null, receipt: null, customer_message: "Enter your PIN." };
const PAID = { ...PENDING, status: "success", result_code: "0", receipt: "UJB5Q7X201", customer_message: "Thank you." };
const CANCELLED = { ...PENDING, status: "failed", result_code: "1032", customer_message: "Cancelled." };
const GONE = new TypeError("Failed to fetch");

const json = (status, body, headers = {}) => ({ status, text: JSON.stringify(body), headers });
const html = (status) => ({ status, text: "<html><title>Bad Gateway</title></html>", headers: {} });

class Storage {
  items = new Map();
  getItem = (name) => this.items.get(name) ?? null;
  setItem = (name, value) => void this.items.set(name, value);
  removeItem = (name) => void this.items.delete(name);
}

/** A merchant that gives the answers of a list, and a page that remembers what it heard and how long it waited. */
function shop(answers, options = {}) {
  const asked = [];
  const waits = [];
  const heard = [];
  const fetch = async (url, request) => {
    asked.push({ url, key: request.headers["Idempotency-Key"], body: request.body && JSON.parse(request.body) });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (typeof answer === "function") return answer(request);
    if (answer instanceof Error) throw answer;
    return new Response(answer.text, { status: answer.status, headers: answer.headers });
  };
  const wait = async (seconds, signal) => {
    waits.push(seconds);
    await options.during?.(waits.length);
    signal.throwIfAborted();
  };
  const storage = options.storage ?? new Storage();
  const handler = new PochiPaymentHandler({ fetch, wait, storage, language: "en", ...options.settings });
  for (const name of ["sending", "prompted", "waiting", "offline", "online", "success", "failed", "unknown", "cancelled"]) {
    handler.addEventListener(name, () => heard.push(name));
  }
  const told = [];
  handler.addEventListener("notification", (event) => told.push([event.detail.level, event.detail.message]));
  return { handler, asked, waits, heard, told, storage };
}

const pay = (page, ...changes) => page.handler.initiateStkPush("0722 000 000", 100, "INV-1", ...changes);

test("a payment is asked for once and watched every three seconds until it is paid", async () => {
  const page = shop([json(200, PENDING), json(200, PENDING), json(200, PAID)]);
  const outcome = await pay(page);
  assert.deepEqual(
    { ...outcome, payment: outcome.payment.payment_id },
    { state: "success", message: "Thank you.", code: "0", receipt: "UJB5Q7X201", payment: 7 },
  );
  assert.deepEqual(page.asked[0].body, { phone: "254722000000", amount: 100, reference: "INV-1" });
  assert.equal(page.asked[0].url, "/api/pochi/stk-push?lang=en");
  assert.match(page.asked[0].key, /^[0-9a-f]{32}$/);
  assert.deepEqual(page.asked.slice(1).map((request) => request.body), [{ payment_id: 7 }, { payment_id: 7 }]);
  assert.deepEqual(page.waits, [3, 3]);
  assert.deepEqual(page.heard, ["sending", "prompted", "waiting", "success"]);
  assert.deepEqual(page.told, [["success", "Thank you."]]);
  assert.equal(page.storage.items.size, 0);
});

test("a failure says what the server says of its code", async () => {
  const outcome = await pay(shop([json(200, PENDING), json(200, CANCELLED)]));
  assert.deepEqual([outcome.state, outcome.code, outcome.message], ["failed", "1032", "Cancelled."]);
});

test("a push that was refused is over at once", async () => {
  const page = shop([json(503, { error: "busy", payment: CANCELLED })]);
  assert.equal((await pay(page)).state, "failed");
  assert.equal(page.asked.length, 1);
});

test("wrong values are refused before anything is sent", async () => {
  const page = shop([json(200, PAID)]);
  const { handler } = page;
  await assert.rejects(handler.initiateStkPush("020 2222222", 100, "INV-1"), PhoneNumberError);
  for (const amount of [0, -1, 1.5, 250_001, "100", NaN]) {
    await assert.rejects(handler.initiateStkPush("0722000000", amount, "INV-1"), RangeError);
  }
  await assert.rejects(handler.initiateStkPush("0722000000", 1, "  "), RangeError);
  assert.equal(page.asked.length, 0);
  assert.equal(handler.busy, false);
});

test("an error is put in words that customers understand", async () => {
  const { handler } = shop([]);
  const said = (attempt) => attempt.catch((error) => handler.messageOf(error));
  assert.match(await said(handler.initiateStkPush("020 2222222", 1, "A")), /landline/);
  assert.equal(await said(handler.initiateStkPush("0722000000", 0, "A")), "Enter whole shillings, from 1 to 250,000.");
  handler.language = "sw";
  assert.match(await said(handler.initiateStkPush("", 1, "A")), /Weka nambari yako/);
});

test("a second press while the first payment is watched changes nothing", async () => {
  const page = shop([json(200, PENDING), json(200, PAID)]);
  const first = pay(page);
  await assert.rejects(pay(page), { name: "InvalidStateError" });
  assert.equal((await first).state, "success");
  assert.equal(page.asked.filter((request) => request.key).length, 1);
});

test("a push without an answer is sent again under its key, ever more slowly, and the customer is told", async () => {
  const page = shop([GONE, html(502), html(200), json(200, PENDING), json(200, PAID)]);
  assert.equal((await pay(page)).state, "success");
  const keys = page.asked.filter((request) => request.key).map((request) => request.key);
  assert.equal(keys.length, 4);
  assert.equal(new Set(keys).size, 1);
  assert.deepEqual(page.waits, [1, 2, 4, 3]);
  assert.deepEqual(page.heard, ["sending", "offline", "online", "prompted", "success"]);
  assert.deepEqual(page.told.map(([level]) => level), ["warning", "info", "success"]);
});

test("a server that stays away is an unknown outcome, and the same order goes on with the same key", async () => {
  const page = shop([GONE]);
  const outcome = await pay(page);
  assert.equal(outcome.state, "unknown");
  assert.match(outcome.message, /do not pay again/);
  assert.equal(page.asked.length, 8);
  assert.deepEqual(page.waits, [1, 2, 4, 8, 16, 30, 30, 30]);
  const again = shop([json(200, PENDING), json(200, PAID)], { storage: page.storage });
  assert.equal((await pay(again)).state, "success");
  assert.equal(again.asked[0].key, page.asked[0].key);
});

test("another order has another key", async () => {
  const page = shop([GONE]);
  await pay(page);
  const before = page.asked[0].key;
  await page.handler.initiateStkPush("0722000000", 200, "INV-1");
  assert.notEqual(page.asked.at(-1).key, before);
});

test("the same order after its end is a new payment", async () => {
  const page = shop([json(200, PENDING), json(200, CANCELLED), json(200, PENDING), json(200, PAID)]);
  await pay(page);
  await pay(page);
  const keys = page.asked.filter((request) => request.key).map((request) => request.key);
  assert.equal(new Set(keys).size, 2);
});

test("the server may say when to ask again", async () => {
  const page = shop([
    json(409, { error: "the first with this key is not answered yet" }, { "Retry-After": "5" }),
    json(200, PENDING),
    json(429, { error: "too many" }, { "Retry-After": "20" }),
    json(200, PAID),
  ]);
  assert.equal((await pay(page)).state, "success");
  assert.deepEqual(page.waits, [5, 3, 20]);
  assert.ok(!page.heard.includes("offline"));
});

test("what the server turns away is not sent again", async () => {
  for (const [answer, said] of [
    [json(409, { error: "another body under this key", details: [] }), /check the details/],
    [json(422, { error: "x", details: [{ field: "phone", problem: "y" }] }), /mobile number/],
    [json(422, { error: "x", details: [{ field: "amount", problem: "y" }] }), /whole shillings/],
    [json(429, { error: "x" }, { "Retry-After": "3600" }), /wait a minute/],
    [json(429, { error: "x" }), /wait a minute/],
  ]) {
    const page = shop([answer]);
    const outcome = await pay(page);
    assert.equal(outcome.state, "failed");
    assert.match(outcome.message, said);
    assert.equal(page.asked.length, 1);
  }
});

test("a push too many waits, says so, and is sent again under its key", async () => {
  const many = { error: "x", customer_message: "Too many. Wait a little." };
  const page = shop([json(429, many, { "Retry-After": "12" }), json(200, PAID)]);
  const said = [];
  page.handler.addEventListener("sending", (event) => said.push(event.detail.message));
  assert.equal((await pay(page)).state, "success");
  assert.deepEqual(page.waits, [12]);
  assert.equal(said.at(-1), "Too many. Wait a little.");
  assert.equal(page.asked[0].key, page.asked[1].key);
});

test("a push too many for good is a failure, for nothing was asked of the customer", async () => {
  const many = { error: "x", customer_message: "Too many. Wait a little." };
  const page = shop([json(429, many, { "Retry-After": "30" })]);
  const outcome = await pay(page);
  assert.deepEqual([outcome.state, outcome.message], ["failed", "Too many. Wait a little."]);
  assert.ok(!page.heard.includes("offline"));
  assert.equal(page.handler.unfinished, null);
});

test("a fault of the server's is asked again", async () => {
  const page = shop([json(500, { error: "the merchant application failed" }), json(200, PAID)]);
  assert.equal((await pay(page)).state, "success");
  assert.equal(page.asked[0].key, page.asked[1].key);
});

test("the server may go and come back while the payment is watched", async () => {
  const page = shop([json(200, PENDING), GONE, html(503), json(200, PENDING), json(200, PAID)]);
  assert.equal((await pay(page)).state, "success");
  assert.deepEqual(page.waits, [3, 1, 2, 3]);
  assert.deepEqual(page.heard, ["sending", "prompted", "offline", "online", "waiting", "success"]);
});

test("trouble between the server and M-PESA is no trouble of the page's", async () => {
  const page = shop([json(200, PENDING), json(503, { error: "unreachable", payment: PENDING }), json(200, PAID)]);
  assert.equal((await pay(page)).state, "success");
  assert.ok(!page.heard.includes("offline"));
});

test("after the last question the outcome is unknown, never failed", async () => {
  const page = shop([json(200, PENDING)], { settings: { pollLimit: 5, pollSeconds: 1 } });
  const outcome = await pay(page);
  assert.equal(outcome.state, "unknown");
  assert.equal(outcome.payment.payment_id, 7);
  assert.deepEqual(page.waits, [1, 1, 1, 1, 1]);
  assert.equal(page.asked.length, 6);
  assert.deepEqual(page.handler.unfinished, { phone: "254722000000", amount: 100, reference: "INV-1" });
});

test("a payment that the server does not know is unknown, and forgotten", async () => {
  const page = shop([json(200, PENDING), json(404, { error: "no such payment" })]);
  assert.equal((await pay(page)).state, "unknown");
  assert.equal(page.handler.unfinished, null);
});

test("a page that was reloaded goes on: by the payment when it was answered, by the key when not", async () => {
  const page = shop([json(200, PENDING), json(200, PENDING)], { settings: { pollLimit: 1 } });
  await pay(page);
  const second = shop([json(200, PAID)], { storage: page.storage });
  assert.equal((await second.handler.resume()).state, "success");
  assert.deepEqual(second.asked.map((request) => request.body), [{ payment_id: 7 }]);
  assert.deepEqual(second.heard, ["prompted", "success"]);
  assert.equal(await second.handler.resume(), null);

  const lost = shop([GONE]);
  await pay(lost);
  const third = shop([json(200, PENDING), json(200, PAID)], { storage: lost.storage });
  assert.equal((await third.handler.resume()).state, "success");
  assert.equal(third.asked[0].key, lost.asked[0].key);
  assert.deepEqual(third.asked[0].body, lost.asked[0].body);
});

test("what was left a day ago is not gone on with", async () => {
  let now = 0;
  const page = shop([GONE], { settings: { now: () => now } });
  await pay(page);
  now = 24 * 60 * 60 * 1000;
  assert.equal(await page.handler.resume(), null);
});

test("cancelling ends the waiting, and the same order goes on with the same payment", async () => {
  let page;
  const during = async () => page.handler.cancel();
  page = shop([json(200, PENDING)], { during });
  const outcome = await pay(page);
  assert.equal(outcome.state, "cancelled");
  assert.deepEqual(page.heard.at(-1), "cancelled");
  assert.equal(await page.handler.resume(), null);
  const again = shop([json(200, PAID)], { storage: page.storage });
  assert.equal((await pay(again)).state, "success");
  assert.deepEqual(again.asked.map((request) => request.body), [{ payment_id: 7 }]);
});

test("a signal cancels too: before, while a request is out, while waiting", async () => {
  const before = shop([json(200, PAID)]);
  assert.equal((await pay(before, { signal: AbortSignal.abort() })).state, "cancelled");

  const controller = new AbortController();
  const hanging = (request) =>
    new Promise((_, reject) => {
      request.signal.addEventListener("abort", () => reject(request.signal.reason));
      controller.abort();
    });
  assert.equal((await pay(shop([hanging]), { signal: controller.signal })).state, "cancelled");
});

test("a storage that forbids everything does not stop a payment", async () => {
  const forbidden = () => {
    throw new Error("SecurityError");
  };
  const storage = { getItem: forbidden, setItem: forbidden, removeItem: forbidden };
  assert.equal((await pay(shop([json(200, PENDING), json(200, PAID)], { storage }))).state, "success");
});

test("a storage with nonsense is as good as empty", async () => {
  for (const nonsense of ["{", "[]", "7", '{"key": 1}', "null"]) {
    const storage = new Storage();
    storage.setItem("pochi-payment", nonsense);
    assert.equal(await shop([json(200, PAID)], { storage }).handler.resume(), null);
  }
});

test("the real pause waits, and can be cut short", async () => {
  const page = shop([json(200, PENDING)], { settings: { wait: undefined, pollSeconds: 60 } });
  const outcome = pay(page);
  page.handler.addEventListener("prompted", () => setImmediate(() => page.handler.cancel()));
  assert.equal((await outcome).state, "cancelled");
});

test("a receipt that comes later is asked for, a few times", async () => {
  const bare = { ...PAID, receipt: null };
  const page = shop([json(200, PENDING), json(200, bare), GONE, json(200, bare), json(200, PAID)]);
  const outcome = await pay(page);
  assert.deepEqual([outcome.state, outcome.receipt], ["success", null]);
  assert.equal(await page.handler.receiptOf(outcome), "UJB5Q7X201");
  assert.equal(page.asked.length, 5);
  assert.equal(await page.handler.receiptOf({ ...outcome, payment: PAID }), "UJB5Q7X201");
  assert.equal(page.asked.length, 5);
  const never = shop([json(200, bare)]);
  assert.equal(await never.handler.receiptOf(await pay(never)), null);
  assert.equal(never.asked.length, 6);
});

test("the message of any code is asked for once; without an answer there is still a sentence", async () => {
  const codes = { stk: { 1032: "Cancelled." }, result: { 1: "Not sent." } };
  const page = shop([json(200, { language: "en", codes })]);
  assert.equal(await page.handler.messageFor(1032), "Cancelled.");
  assert.equal(await page.handler.messageFor("1", "result"), "Not sent.");
  assert.match(await page.handler.messageFor("never seen"), /did not go through/);
  assert.equal(page.asked.length, 1);
  const alone = shop([GONE]);
  assert.match(await alone.handler.messageFor(1032), /did not go through/);
});
