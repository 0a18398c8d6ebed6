/**
 * The checkout page. `?amount=100&reference=INV-1` fixes what is to be paid, `&phone=` fills the number in, `&lang=sw`
 * chooses the language. Whoever relies on the amount must compare it: an address can be changed by its reader.
 */
import { OrderError, PochiPaymentHandler, formatPhone } from "./pochi-payment-handler.js";
import { WORDS, offerLanguages, readablePhone, shillings, speak, wishedLanguage, write } from "./words.js";

const at = (id) => document.getElementById(id);
const given = new URL(location.href).searchParams;
const handler = new PochiPaymentHandler({
  baseUrl: new URL(".", location.href).pathname,
  language: wishedLanguage(),
  systemNotifications: true,
});

const order = { amount: givenAmount(), reference: (given.get("reference") ?? "").trim() };
let shown = { state: "form", message: "" };

function givenAmount() {
  const text = given.get("amount") ?? "";
  const amount = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return amount >= 1 && amount <= 250_000 ? amount : null;
}

function words() {
  return WORDS[handler.language];
}

function dress() {
  speak(WORDS, handler.language);
  at("order").hidden = order.amount === null || !order.reference;
  at("amount-field").hidden = at("reference-field").hidden = !at("order").hidden;
  if (!at("order").hidden) {
    at("order-amount").textContent = shillings(order.amount);
    at("order-reference").textContent = order.reference;
    at("pay").textContent = words().payAmount(shillings(order.amount));
  }
  if (shown.state !== "form") at("watch-title").textContent = words().states[shown.state];
}

/** Shows a state: its picture, its heading, its sentence, and what can be done now. */
function show(state, message = "", { outcome = null, focus = true } = {}) {
  const changed = state !== shown.state;
  shown = { state, message, outcome };
  document.body.dataset.state = state;
  if (state === "form") return;
  at("watch-title").textContent = words().states[state];
  write(at("message"), message);
  // Said once for each change, not at every poll.
  if (changed) at("spoken").textContent = `${words().states[state]}. ${message}`;
  step(state);
  const over = !["sending", "waiting"].includes(state);
  at("cancel").hidden = over;
  at("again").hidden = !["failed", "cancelled"].includes(state);
  at("check").hidden = state !== "unknown";
  at("other").hidden = state !== "success";
  showReceipt(outcome?.receipt);
  if (changed && focus) at("watch-title").focus();
}

function step(state) {
  const reached = { sending: 0, waiting: 1, success: 3 }[state] ?? -1;
  [at("step-sent"), at("step-pin"), at("step-done")].forEach((item, number) => {
    item.classList.toggle("done", number < reached);
    if (number === reached) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

function showOrder({ phone, amount, reference }) {
  at("watch-amount").textContent = shillings(amount);
  at("watch-reference").textContent = reference;
  at("watch-phone").textContent = readablePhone(phone);
}

function wrong(id, message) {
  write(at(`${id}-error`), message);
  if (message) at(id).setAttribute("aria-invalid", "true");
  else at(id).removeAttribute("aria-invalid");
}

/** What is to be paid and by whom, or null when something has to be corrected first. */
function filledIn() {
  const typed = at("amount").value.replace(/[\s,]/g, "");
  const amount = at("order").hidden ? (/^\d+$/.test(typed) ? Number(typed) : Number.NaN) : order.amount;
  const reference = at("order").hidden ? at("reference").value.trim() : order.reference;
  const problems = [
    ["amount", amount >= 1 && amount <= 250_000 ? null : new OrderError("amount")],
    ["reference", reference ? null : new OrderError("reference")],
    ["phone", phoneProblem()],
  ];
  for (const [id, problem] of problems) wrong(id, problem === null ? "" : handler.messageOf(problem));
  const first = problems.find(([, problem]) => problem !== null);
  if (first !== undefined) {
    at(first[0]).focus();
    return null;
  }
  return { phone: formatPhone(at("phone").value), amount, reference };
}

function phoneProblem() {
  try {
    formatPhone(at("phone").value);
    return null;
  } catch (problem) {
    return problem;
  }
}

async function pay() {
  const asked = filledIn();
  if (asked === null || handler.busy) return;
  showOrder(asked);
  finish(await handler.initiateStkPush(asked.phone, asked.amount, asked.reference));
}

async function goOn() {
  if (handler.busy || handler.unfinished === null) return;
  showOrder(handler.unfinished);
  finish(await handler.resume());
}

async function finish(outcome) {
  if (outcome === null) return;
  show(outcome.state, outcome.message, { outcome });
  if (outcome.state !== "success" || outcome.receipt) return;
  const receipt = await handler.receiptOf(outcome);
  // The page may have gone on to another payment.
  if (receipt !== null && shown.outcome === outcome) showReceipt(receipt);
}

function showReceipt(receipt) {
  at("receipt-row").hidden = !receipt;
  at("receipt").textContent = receipt ?? "";
}

let fading;
function toast({ level, message }) {
  clearTimeout(fading);
  at("toast").dataset.level = level;
  at("toast").textContent = message;
  at("toast").hidden = false;
  at("spoken").textContent = message;
  if (level !== "warning") fading = setTimeout(() => (at("toast").hidden = true), 6000);
}

function backToForm() {
  show("form");
  at("phone").focus();
}

handler.addEventListener("sending", (event) => show("sending", event.detail.message));
for (const name of ["prompted", "waiting"]) {
  handler.addEventListener(name, (event) => show("waiting", event.detail.message));
}
handler.addEventListener("notification", (event) => {
  if (!event.detail.over) toast(event.detail);
});
for (const name of ["success", "failed", "unknown", "cancelled"]) {
  handler.addEventListener(name, () => (at("toast").hidden = true));
}
at("payment").addEventListener("submit", (event) => {
  event.preventDefault();
  pay();
});
at("cancel").addEventListener("click", () => handler.cancel());
at("again").addEventListener("click", backToForm);
at("other").addEventListener("click", backToForm);
at("check").addEventListener("click", goOn);
for (const id of ["amount", "reference", "phone"]) at(id).addEventListener("input", () => wrong(id, ""));
offerLanguages((language) => {
  handler.language = language;
  dress();
});

at("phone").value = given.get("phone") ?? "";
at("amount").value = order.amount ?? "";
at("reference").value = order.reference;
dress();
goOn();
