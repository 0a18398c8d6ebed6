/**
 * The payments page. It reads `GET payments` and `GET payments/{id}` with the admin token, which is typed in and kept
 * in this tab's sessionStorage and nowhere else. It changes nothing.
 */
import { WORDS } from "./admin-words.js";
import { offerLanguages, readablePhone, shillings, speak, wishedLanguage } from "./words.js";

const TOKEN = "pochi-admin-token";
const PAGE = 50;

const at = (id) => document.getElementById(id);
const base = new URL(".", location.href).pathname;
let language = wishedLanguage();
let token = kept();
let payments = [];
let shown = null;

const words = () => WORDS[language];

function kept() {
  try {
    return sessionStorage.getItem(TOKEN) ?? "";
  } catch {
    return "";
  }
}

function keep(value) {
  token = value;
  try {
    if (value) sessionStorage.setItem(TOKEN, value);
    else sessionStorage.removeItem(TOKEN);
  } catch {
    // It is in memory, then.
  }
}

class Refused extends Error {}

/** A page of the server's as JSON, or null when it could not be had; says so itself. */
async function read(path, query = {}) {
  const address = `${base}${path}?${new URLSearchParams({ ...query, lang: language })}`;
  let answer;
  try {
    answer = await fetch(address, { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
  } catch {
    trouble(words().offline);
    return null;
  }
  if (answer.status === 401 || answer.status === 403) throw new Refused();
  const body = await answer.json().catch(() => null);
  trouble(answer.ok && body !== null ? "" : words().broken(answer.status));
  return answer.ok ? body : null;
}

function trouble(sentence) {
  at("trouble").textContent = sentence;
  at("trouble").hidden = !sentence;
}

// ------------------------------------------------------------------------------------------------------- the list

async function list({ older = false } = {}) {
  const query = { limit: PAGE };
  if (at("status").value) query.status = at("status").value;
  if (at("review").checked) query.needs_review = "true";
  if (older) query.before = payments.at(-1).payment_id;
  const body = await read("payments", query);
  if (body === null) return;
  payments = older ? [...payments, ...body.payments] : body.payments;
  at("more").hidden = !body.more;
  dressRows();
  at("spoken").textContent = words().found(payments.length);
}

function dressRows() {
  at("rows").replaceChildren(...payments.map(row));
  at("none").hidden = payments.length > 0;
}

function row(payment) {
  const open = element("button", { type: "button", className: "open", textContent: payment.payment_id });
  open.setAttribute("aria-label", words().payment(payment.payment_id));
  open.addEventListener("click", () => guarded(() => showOne(payment.payment_id)));
  return element("tr", {}, [
    element("td", { className: "number" }, [open]),
    element("td", { className: "when" }, [moment(payment.created_at)]),
    element("td", { className: "phone", textContent: readablePhone(payment.phone) }),
    element("td", { className: "reference", textContent: payment.reference }),
    element("td", { className: "sum", textContent: shillings(payment.amount) }),
    element("td", { className: "state" }, badges(payment)),
    element("td", { className: "code", textContent: payment.receipt ?? "" }),
  ]);
}

function badges(payment) {
  const state = element("span", { className: `badge ${payment.status}`, textContent: words()[payment.status] });
  if (!payment.needs_review) return [state];
  return [state, " ", element("span", { className: "badge review", textContent: words().review })];
}

// ---------------------------------------------------------------------------------------------------- one payment

async function showOne(number) {
  const body = await read(`payments/${number}`);
  if (body === null) return;
  shown = body;
  dressOne();
  if (!at("one").open) at("one").showModal();
}

function dressOne() {
  const payment = shown.payment ?? shown;
  at("one-title").replaceChildren(words().payment(payment.payment_id), " ", ...badges(payment));
  at("flag").hidden = !payment.needs_review;
  at("flag").textContent = payment.review_reason ?? "";
  const result = [payment.result_code, payment.result_text].filter(Boolean).join(" · ");
  const facts = [
    ["amount", shillings(payment.amount)],
    ["phone", readablePhone(payment.phone)],
    ["reference", payment.reference],
    ["receipt", payment.receipt],
    ["result", result],
    ["told", payment.customer_message],
    ["checkout", payment.checkout_id],
    ["user", payment.user_id],
    ["when", moment(payment.created_at)],
    ["changed", moment(payment.updated_at)],
  ];
  const lines = facts.filter(([, value]) => value).flatMap(([name, value]) => [
    element("dt", { textContent: words()[name] }),
    element("dd", {}, [value]),
  ]);
  at("facts").replaceChildren(...lines);
  const happened = shown.timeline ?? [];
  at("timeline").replaceChildren(...(happened.length ? happened.map(event) : [element("li", { textContent: words().empty })]));
}

function event(entry) {
  const lines = [moment(entry.at), element("strong", { textContent: entry.what })];
  if (entry.detail) lines.push(element("p", { textContent: entry.detail }));
  return element("li", {}, lines);
}

// ---------------------------------------------------------------------------------------------------------- around

function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A moment in Kenya's own time, whatever the clock of this machine says. */
function moment(iso) {
  const written = new Intl.DateTimeFormat("en-GB", {
    day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
    timeZone: "Africa/Nairobi",
  }).format(new Date(iso));
  return element("time", { dateTime: iso, textContent: written.replace(",", "") });
}

function dress() {
  speak(WORDS, language);
  dressRows();
  if (shown !== null) dressOne();
}

function enter(problem = "") {
  keep("");
  payments = [];
  shown = null;
  at("one").close();
  at("list").hidden = at("leave").hidden = true;
  at("enter").hidden = false;
  wrong(problem);
  at("token").value = "";
  at("token").focus();
}

function wrong(problem) {
  at("token-error").textContent = problem;
  if (problem) at("token").setAttribute("aria-invalid", "true");
  else at("token").removeAttribute("aria-invalid");
}

/** Does what reads from the server; a token that is not accepted leads back to the door. */
async function guarded(work) {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    enter(words().tokenWrong);
    return false;
  }
}

async function come() {
  at("enter").hidden = true;
  at("list").hidden = at("leave").hidden = false;
  if (await guarded(() => list())) at("list-title").focus();
}

at("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const typed = at("token").value.trim();
  if (!typed) {
    wrong(words().tokenMissing);
    at("token").focus();
    return;
  }
  wrong("");
  keep(typed);
  at("token").value = "";
  come();
});
at("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  guarded(() => list());
});
for (const id of ["status", "review"]) at(id).addEventListener("change", () => guarded(() => list()));
at("more").addEventListener("click", () => guarded(() => list({ older: true })));
at("leave").addEventListener("click", () => enter());
at("close").addEventListener("click", () => at("one").close());
at("one").addEventListener("close", () => (shown = null));
offerLanguages((chosen) => {
  language = chosen;
  dress();
});

dress();
if (token) come();
