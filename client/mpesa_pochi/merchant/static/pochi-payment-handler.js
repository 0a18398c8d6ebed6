/**
 * Lipa na M-PESA in a web page, with nothing to install.
 *
 *     import { PochiPaymentHandler } from "./pochi-payment-handler.js";
 *
 *     const handler = new PochiPaymentHandler({ baseUrl: "/api/pochi", language: "sw" });
 *     handler.addEventListener("notification", (event) => show(event.detail.message));
 *     const outcome = (await handler.resume()) ?? (await handler.initiateStkPush("0722 000000", 100, "INV-1"));
 *     if (outcome.state === "success") thank(outcome.receipt);
 *
 * What it promises:
 *
 * - One charge. Each payment has an Idempotency-Key, kept in sessionStorage before anything is sent, so a push
 *   that is sent again (server gone, page reloaded, button pressed twice) is the same push. The same order is not
 *   begun anew while the first is undecided: it is resumed.
 * - "failed" is said only when the server says so. When it cannot be known, the state is "unknown".
 * - A server that is gone is asked again, ever more slowly, and the customer is told.
 *
 * Events, each with `detail`:
 *
 *     sending, prompted, waiting, offline, online     on the way; {state, message, attempt}
 *     success, failed, unknown, cancelled             the end; the outcome that the promise gives as well
 *     notification                                    {level: "info" | "success" | "warning" | "error", message, over}: over
 *                                                     says that it tells the end
 *
 * An outcome is {state, message, code, receipt, payment}: what to tell the customer, M-PESA's result code, the
 * receipt (it may come later than the success: null until then), and the payment as the server answered it.
 */

const ANSWER_SECONDS = 75;
const LONGEST_PAUSE_SECONDS = 30;
const PUSH_ATTEMPTS = 8;
const RECEIPT_LIMIT = 5;
const OLDEST_RECORD_MS = 24 * 60 * 60 * 1000;
const HIGHEST_AMOUNT = 250_000;

/** Sentences for what the server cannot say, because it is not there or was not asked. */
const WORDS = {
  en: {
    sending: "Sending the payment request…",
    prompted: "Check your phone and enter your M-PESA PIN to pay.",
    offline: "The connection was lost. We keep trying; please do not pay again.",
    online: "The connection is back.",
    success: "Payment received. Thank you!",
    failed: "The payment did not go through. If an M-PESA SMS says that money was taken, please contact us.",
    unknown: "We do not know yet whether this payment went through. Please do not pay again; look out for an M-PESA SMS.",
    cancelled: "We have stopped waiting. If your phone still asks for your PIN, cancel it there too.",
    refused: "We could not ask for this payment. Please check the details and try again.",
    busy: "Too many attempts in a short time. Please wait a minute, then try again.",
    amount: "Enter whole shillings, from 1 to 250,000.",
    reference: "Enter what the payment is for.",
    phone: {
      "empty": "Enter your M-PESA phone number.",
      "too-short": "The phone number is too short.",
      "too-long": "The phone number is too long.",
      "landline": "This is a landline. Enter a mobile number, such as 0722 000000.",
      "foreign": "Enter a Kenyan number, such as 0722 000000.",
      "other": "This is not a Kenyan mobile number. Enter one such as 0722 000000.",
    },
  },
  sw: {
    sending: "Ombi la malipo linatumwa…",
    prompted: "Angalia simu yako na uweke PIN yako ya M-PESA ili kulipa.",
    offline: "Muunganisho umepotea. Tunaendelea kujaribu; tafadhali usilipe tena.",
    online: "Muunganisho umerejea.",
    success: "Tumepokea malipo yako. Asante!",
    failed: "Malipo hayakukamilika. Ukipokea SMS ya M-PESA kuwa umekatwa pesa, tafadhali wasiliana nasi.",
    unknown: "Bado hatujathibitisha kama malipo haya yamekamilika. Tafadhali usilipe tena; subiri SMS kutoka M-PESA.",
    cancelled: "Tumeacha kusubiri. Ikiwa simu yako bado inaomba PIN, ghairi pia kwenye simu.",
    refused: "Hatukuweza kuomba malipo haya. Tafadhali hakikisha maelezo ni sahihi kisha ujaribu tena.",
    busy: "Umejaribu mara nyingi kwa muda mfupi. Tafadhali subiri dakika moja, kisha ujaribu tena.",
    amount: "Weka shilingi kamili, kuanzia 1 hadi 250,000.",
    reference: "Weka malipo haya ni ya nini.",
    phone: {
      "empty": "Weka nambari yako ya simu ya M-PESA.",
      "too-short": "Nambari ya simu ni fupi mno.",
      "too-long": "Nambari ya simu ni ndefu mno.",
      "landline": "Hii ni simu ya mezani. Weka nambari ya simu ya mkononi, kama 0722 000000.",
      "foreign": "Weka nambari ya Kenya, kama 0722 000000.",
      "other": "Hii si nambari ya simu ya mkononi ya Kenya. Weka kama 0722 000000.",
    },
  },
};

// -------------------------------------------------------------------------------------------------- phone numbers

const LONGEST_TEXT = 64;
const DECORATION = /^[\p{Zs}\p{Pd}\p{Cf}\t-\r\x1c-\x1f\x85\u2028\u2029.()[\]{}\u2212]$/u;
/** Han characters that mean numbers and that Unicode classes as letters. */
const HAN_NUMBERS = [
  "\u{3405}\u{3483}\u{382a}\u{3b4d}\u{4e00}\u{4e03}\u{4e07}\u{4e09}\u{4e5d}\u{4e8c}\u{4e94}\u{4e96}",
  "\u{4ebf}\u{4ec0}\u{4edf}\u{4ee8}\u{4f0d}\u{4f70}\u{5104}\u{5146}\u{5169}\u{516b}\u{516d}\u{5341}",
  "\u{5343}\u{5344}\u{5345}\u{534c}\u{53c1}\u{53c2}\u{53c3}\u{53c4}\u{56db}\u{58f1}\u{58f9}\u{5e7a}",
  "\u{5efe}\u{5eff}\u{5f0c}\u{5f0d}\u{5f0e}\u{5f10}\u{62fe}\u{634c}\u{67d2}\u{6f06}\u{7396}\u{767e}",
  "\u{8086}\u{842c}\u{8cae}\u{8cb3}\u{8d30}\u{9621}\u{9646}\u{964c}\u{9678}\u{96f6}\u{f96b}\u{f973}",
  "\u{f978}\u{f9b2}\u{f9d1}\u{f9d3}\u{f9fd}\u{20001}\u{20064}\u{200e2}\u{20121}\u{2092a}\u{20983}",
  "\u{2098c}\u{2099c}\u{20aea}\u{20afd}\u{20b19}\u{22390}\u{22998}\u{23b1b}\u{2626d}\u{2f890}",
].join("");
const NUMBER = new RegExp(`^[\\p{N}${HAN_NUMBERS}]$`, "u");
const LETTER = /^\p{L}$/u;

/** Not a Kenyan mobile number; `reason` says why: empty, too-short, too-long, letters, and so on. */
export class PhoneNumberError extends Error {
  constructor(reason) {
    super(`expected a Kenyan mobile number such as 0722 000000: ${reason}`);
    this.name = "PhoneNumberError";
    this.reason = reason;
  }
}

/** An amount or a reference that cannot be asked for; `field` says which. */
export class OrderError extends RangeError {
  constructor(field) {
    const expected = field === "amount" ? `whole shillings, 1 to ${HIGHEST_AMOUNT}` : "a reference";
    super(`expected ${expected}`);
    this.name = "OrderError";
    this.field = field;
  }
}

/**
 * The number as M-PESA wants it, 2547XXXXXXXX or 2541XXXXXXXX, however a person wrote it. The same rules as
 * mpesa_pochi.phone.normalise: one table of cases is read by the tests of both.
 *
 * @param {string | number} text
 * @returns {string}
 * @throws {PhoneNumberError}
 */
export function formatPhone(text) {
  let [digits, international] = digitsOf(written(text));
  if (!international && digits.startsWith("00")) {
    digits = digits.slice(digits.startsWith("000") ? 3 : 2);
    international = true;
  }
  const national = nationalPart(digits, international);
  if (national.length > 9) throw new PhoneNumberError("too-long");
  if (/^[2456]/.test(national) && national.length >= 7) throw new PhoneNumberError("landline");
  if (national.length < 9) throw new PhoneNumberError("too-short");
  if (!/^[71]/.test(national)) throw new PhoneNumberError("not-mobile");
  return `254${national}`;
}

function written(text) {
  if (typeof text === "number" && Number.isInteger(text)) {
    if (text < 0) throw new PhoneNumberError("stray-character");
    if (text >= 1e15) throw new PhoneNumberError("too-long");
    return String(text);
  }
  if (typeof text !== "string") throw new PhoneNumberError("not-text");
  if ([...text].length > LONGEST_TEXT) throw new PhoneNumberError("too-long");
  return text;
}

function digitsOf(text) {
  let digits = "";
  let plus = false;
  for (const character of text) {
    if (/[0-9]/.test(character)) digits += character;
    else if (character === "+" && !digits && !plus) plus = true;
    else if (!DECORATION.test(character)) throw new PhoneNumberError(strangeness(character));
  }
  if (!digits) throw new PhoneNumberError("empty");
  return [digits, plus];
}

function strangeness(character) {
  if (NUMBER.test(character)) return "foreign-digits";
  return LETTER.test(character) ? "letters" : "stray-character";
}

function nationalPart(digits, international) {
  if (international || (digits.startsWith("254") && digits.length > 9)) {
    if (!digits.startsWith("254")) {
      throw new PhoneNumberError("254".startsWith(digits) ? "too-short" : "foreign");
    }
    return digits.slice(3).replace(/^0/, "");
  }
  if (digits.startsWith("0")) return digits.slice(1);
  if (digits.length > 10) throw new PhoneNumberError("foreign");
  return digits;
}

// -------------------------------------------------------------------------------------------------------- payments

export class PochiPaymentHandler extends EventTarget {
  #baseUrl;
  #fetch;
  #wait;
  #now;
  #records;
  #stopping = null;
  #messages = null;
  #offline = false;

  /**
   * @param {object} [options]
   * @param {string} [options.baseUrl] where the merchant application is: "/api/pochi", or another origin's URL
   * @param {"en" | "sw"} [options.language] what messages are in; the document's own language by default
   * @param {number} [options.pollSeconds] between two questions, 3 by default
   * @param {number} [options.pollLimit] how many questions before "unknown", 40 by default: two minutes
   * @param {boolean} [options.systemNotifications] tell the end through the browser while the page is hidden, if
   *   the customer has allowed it; never asks for the permission
   * @param {Storage} [options.storage] where the payment in progress is kept; sessionStorage by default
   * @param {typeof fetch} [options.fetch]
   * @param {(seconds: number, signal: AbortSignal) => Promise<void>} [options.wait]
   * @param {() => number} [options.now] milliseconds
   */
  constructor(options = {}) {
    super();
    this.#baseUrl = (options.baseUrl ?? "/api/pochi").replace(/\/+$/, "");
    this.language = options.language ?? languageOf(globalThis.document?.documentElement.lang);
    this.pollSeconds = options.pollSeconds ?? 3;
    this.pollLimit = options.pollLimit ?? 40;
    this.systemNotifications = options.systemNotifications ?? false;
    this.#fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
    this.#wait = options.wait ?? pause;
    this.#now = options.now ?? Date.now;
    this.#records = new Records(options.storage, this.#now);
  }

  /** Whether a payment is being watched. */
  get busy() {
    return this.#stopping !== null;
  }

  /**
   * Ask a customer for money, and wait until it is known how that ended.
   *
   * @param {string | number} phone in any way a Kenyan writes one
   * @param {number} amount whole shillings
   * @param {string} reference what the customer sees as the account
   * @param {object} [options]
   * @param {string} [options.description]
   * @param {object} [options.metadata]
   * @param {AbortSignal} [options.signal] stops the waiting, as cancel() does
   * @returns {Promise<object>} the outcome
   * @throws {PhoneNumberError} for a wrong number; OrderError, for a wrong amount or reference; InvalidStateError,
   *   while another payment is being watched. Nothing was sent then.
   */
  async initiateStkPush(phone, amount, reference, { description, metadata, signal } = {}) {
    const order = { phone: formatPhone(phone), amount, reference: String(reference ?? "").trim() };
    if (!Number.isInteger(amount) || amount < 1 || amount > HIGHEST_AMOUNT) {
      throw new OrderError("amount");
    }
    if (!order.reference) throw new OrderError("reference");
    if (description !== undefined) order.description = description;
    if (metadata !== undefined) order.metadata = metadata;
    this.#mustBeIdle();
    const undecided = this.#records.read();
    const same = undecided !== null && JSON.stringify(undecided.order) === JSON.stringify(order);
    const record = same ? undecided : { key: newKey(), order, startedAt: this.#now() };
    delete record.stopped;
    return this.#watch(record, signal);
  }

  /**
   * Go on with the payment that was in progress when the page was left or reloaded.
   *
   * @param {object} [options]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<object | null>} its outcome; null when there is none
   */
  async resume({ signal } = {}) {
    this.#mustBeIdle();
    const record = this.#records.read();
    return record === null || record.stopped ? null : this.#watch(record, signal);
  }

  /** The order that resume() would go on with: {phone, amount, reference}, or null. */
  get unfinished() {
    const record = this.#records.read();
    return record === null || record.stopped ? null : record.order;
  }

  /**
   * Stop waiting. The prompt on the phone stays, and the payment may still be made; the same order, begun again,
   * goes on with it and does not charge twice.
   */
  cancel() {
    this.#stopping?.abort();
  }

  /**
   * The receipt of a payment that succeeded. A question may bring the success before M-PESA has sent the receipt.
   *
   * @param {object} outcome what initiateStkPush or resume gave
   * @returns {Promise<string | null>} null when it has not come after five questions
   */
  async receiptOf(outcome) {
    let payment = outcome.payment;
    const forever = new AbortController().signal;
    for (let attempt = 1; attempt <= RECEIPT_LIMIT && payment && !payment.receipt; attempt += 1) {
      await this.#wait(this.pollSeconds, forever);
      const answer = await this.#ask("POST", "query-stk", { payment_id: payment.payment_id }).catch(() => null);
      payment = paymentIn(answer?.body) ?? payment;
    }
    return payment?.receipt ?? null;
  }

  /**
   * What to tell a customer about a code of M-PESA's.
   *
   * @param {string | number} code
   * @param {string} [surface] "stk" for payments, "result" for payouts, "c2b"; see docs/codes.md
   * @returns {Promise<string>}
   */
  async messageFor(code, surface = "stk") {
    this.#messages ??= this.#ask("GET", "messages").then((answer) => answer.body.codes);
    try {
      return (await this.#messages)[surface]?.[String(code)] ?? this.#words().failed;
    } catch {
      this.#messages = null;
      return this.#words().failed;
    }
  }

  /** What to tell a customer about an error that initiateStkPush threw. */
  messageOf(error) {
    const words = this.#words();
    if (error instanceof PhoneNumberError) return words.phone[error.reason] ?? words.phone.other;
    return error instanceof OrderError ? words[error.field] : words.refused;
  }

  // ------------------------------------------------------------------------------------------------ the way there

  async #watch(record, signal) {
    this.#stopping = new AbortController();
    const stop = () => this.#stopping?.abort();
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted) stop();
    this.#offline = false;
    try {
      this.#records.write(record);
      return this.#end(record, await this.#settled(record));
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error;
      this.#records.write({ ...record, stopped: true });
      return this.#end(null, this.#outcome("cancelled", null));
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#stopping = null;
    }
  }

  async #settled(record) {
    if (record.paymentId === undefined) {
      this.#progress("sending", this.#words().sending);
      const outcome = await this.#push(record);
      if (outcome !== null) return outcome;
    } else {
      this.#progress("prompted", this.#words().prompted);
    }
    return this.#poll(record);
  }

  /** Sends the push until it is answered. Null when the payment is pending now. */
  async #push(record) {
    for (let attempt = 1; attempt <= PUSH_ATTEMPTS; attempt += 1) {
      const answer = await this.#tried("stk-push", record.order, { "Idempotency-Key": record.key });
      const payment = answer && paymentIn(answer.body);
      if (payment) return this.#taken(record, payment);
      const last = attempt === PUSH_ATTEMPTS && answer?.status === 429;
      if (answer && (answer.retryAfter === null || last) && answer.status < 500) return this.#refused(answer);
      // A server that counts says so before anything is asked of the customer: it is no unknown outcome.
      if (answer?.status === 429) this.#progress("sending", this.#tooOften(answer));
      await this.#again(attempt, answer);
    }
    return this.#outcome("unknown", null);
  }

  /** The push was answered with a payment. */
  #taken(record, payment) {
    record.paymentId = payment.payment_id;
    this.#records.write(record);
    const outcome = this.#final(payment);
    if (outcome === null) this.#progress("prompted", payment.customer_message || this.#words().prompted);
    return outcome;
  }

  /** The push was turned away, so nothing was asked of the customer. */
  #refused(answer) {
    const words = this.#words();
    const about = (answer.body?.details ?? []).map((detail) => detail.field);
    let message = answer.status === 429 ? this.#tooOften(answer) : answer.body?.customer_message || words.refused;
    if (about.includes("phone")) message = words.phone.other;
    else if (about.includes("amount")) message = words.amount;
    return { ...this.#outcome("failed", null), message };
  }

  #tooOften(answer) {
    return answer.body?.customer_message || this.#words().busy;
  }

  async #poll(record) {
    let last = null;
    let silences = 0;
    for (let attempt = 1; attempt <= this.pollLimit; attempt += 1) {
      if (silences === 0) await this.#wait(this.pollSeconds, this.#stopping.signal);
      const answer = await this.#tried("query-stk", { payment_id: record.paymentId });
      if (answer?.status === 404) {
        this.#records.forget();
        break;
      }
      const payment = answer && paymentIn(answer.body);
      if (!payment) {
        silences += 1;
        await this.#again(silences, answer);
        continue;
      }
      silences = 0;
      last = payment;
      const outcome = this.#final(payment);
      if (outcome !== null) return outcome;
      this.#progress("waiting", payment.customer_message || this.#words().prompted, attempt);
    }
    return this.#outcome("unknown", last);
  }

  /** One request. Null when no answer came, or one that is not the application's. */
  async #tried(path, body, headers = {}) {
    try {
      const answer = await this.#ask("POST", path, body, headers);
      const gone = answer.body === null || (answer.status >= 502 && !paymentIn(answer.body));
      if (!gone) this.#reached();
      return gone ? null : answer;
    } catch (error) {
      if (this.#stopping.signal.aborted) throw error;
      return null;
    }
  }

  /** Waits before the next attempt: as long as the server wishes, else ever longer. */
  async #again(attempt, answer) {
    if (answer === null && !this.#offline) {
      this.#offline = true;
      this.#progress("offline", this.#words().offline);
      this.#notify("warning", this.#words().offline);
    }
    const pauseSeconds = answer?.retryAfter ?? Math.min(2 ** (attempt - 1), LONGEST_PAUSE_SECONDS);
    await this.#wait(pauseSeconds, this.#stopping.signal);
  }

  #reached() {
    if (!this.#offline) return;
    this.#offline = false;
    this.#progress("online", this.#words().online);
    this.#notify("info", this.#words().online);
  }

  async #ask(method, path, body, headers = {}) {
    const patience = new AbortController();
    const stop = () => patience.abort();
    const timer = setTimeout(stop, ANSWER_SECONDS * 1000);
    const stopping = this.#stopping?.signal;
    stopping?.addEventListener("abort", stop, { once: true });
    if (stopping?.aborted) stop();
    try {
      patience.signal.throwIfAborted();
      const response = await this.#fetch(`${this.#baseUrl}/${path}?lang=${this.language}`, {
        method,
        headers: body === undefined ? headers : { "Content-Type": "application/json", ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: patience.signal,
        cache: "no-store",
      });
      return await answerOf(response);
    } finally {
      clearTimeout(timer);
      stopping?.removeEventListener("abort", stop);
    }
  }

  // ------------------------------------------------------------------------------------------------- what is said

  #final(payment) {
    return payment.status === "pending" ? null : this.#outcome(payment.status, payment);
  }

  #outcome(state, payment) {
    const said = state === "unknown" || state === "cancelled" ? "" : payment?.customer_message;
    return {
      state,
      message: said || this.#words()[state],
      code: payment?.result_code ?? null,
      receipt: payment?.receipt ?? null,
      payment,
    };
  }

  #end(record, outcome) {
    // What is undecided is kept: it can be resumed, and is not charged twice.
    if (record !== null && outcome.state !== "unknown") this.#records.forget();
    const levels = { success: "success", failed: "error", unknown: "warning", cancelled: "info" };
    this.dispatchEvent(new CustomEvent(outcome.state, { detail: outcome }));
    this.#notify(levels[outcome.state], outcome.message, true);
    return outcome;
  }

  #progress(state, message, attempt = 0) {
    this.dispatchEvent(new CustomEvent(state, { detail: { state, message, attempt } }));
  }

  #notify(level, message, over = false) {
    this.dispatchEvent(new CustomEvent("notification", { detail: { level, message, over } }));
    const system = globalThis.Notification;
    if (over && this.systemNotifications && globalThis.document?.hidden && system?.permission === "granted") {
      new system("M-PESA", { body: message, tag: "pochi-payment", lang: this.language });
    }
  }

  #words() {
    return WORDS[languageOf(this.language)];
  }

  #mustBeIdle() {
    if (this.busy) throw new DOMException("a payment is being watched already", "InvalidStateError");
  }
}

/** The payment in progress, in this tab's own storage; in memory where there is none. */
class Records {
  #name = "pochi-payment";
  #storage;
  #now;
  #memory = null;

  constructor(storage, now) {
    this.#now = now;
    try {
      this.#storage = storage ?? globalThis.sessionStorage ?? null;
    } catch {
      this.#storage = null;
    }
  }

  read() {
    let record = this.#memory;
    try {
      record = JSON.parse(this.#storage?.getItem(this.#name) ?? "null") ?? record;
    } catch {
      // Unreadable: what is in memory counts.
    }
    const usable = record?.key && record.order && this.#now() - record.startedAt < OLDEST_RECORD_MS;
    return usable ? record : null;
  }

  write(record) {
    this.#memory = { ...record };
    try {
      this.#storage?.setItem(this.#name, JSON.stringify(record));
    } catch {
      // Full or forbidden: the payment goes on, and a reload forgets it.
    }
  }

  forget() {
    this.#memory = null;
    try {
      this.#storage?.removeItem(this.#name);
    } catch {
      // As above.
    }
  }
}

function languageOf(tag) {
  return String(tag ?? "").toLowerCase().startsWith("sw") ? "sw" : "en";
}

function paymentIn(body) {
  const payment = body?.payment ?? body;
  return payment?.payment_id !== undefined && payment.status !== undefined ? payment : null;
}

async function answerOf(response) {
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // Something in between answered, or the server died in mid-answer.
  }
  const wished = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const retryAfter = Number.isFinite(wished) && wished <= LONGEST_PAUSE_SECONDS ? Math.max(wished, 1) : null;
  return { status: response.status, body: typeof body === "object" ? body : null, retryAfter };
}

/** 128 bits that nobody else has. randomUUID is missing outside secure contexts. */
function newKey() {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
