/** What the checkout page says in English and in Swahili; and for both pages, which of them is spoken. */

export const WORDS = {
  en: {
    title: "Pay with M-PESA",
    amount: "Amount",
    amountLabel: "Amount in shillings",
    reference: "Payment for",
    phone: "Phone",
    phoneLabel: "M-PESA phone number",
    phoneHint: "For example 0722 000000 or 0110 000000.",
    pay: "Pay",
    payAmount: (amount) => `Pay ${amount}`,
    safe: "You enter your PIN on your own phone, never here.",
    receipt: "M-PESA receipt",
    stepSent: "Request sent",
    stepPin: "PIN on your phone",
    stepDone: "Confirmed",
    again: "Try again",
    check: "Check again",
    cancel: "Stop waiting",
    other: "Make another payment",
    states: {
      sending: "One moment…",
      waiting: "Check your phone",
      success: "Payment received",
      failed: "Payment not made",
      unknown: "Not confirmed yet",
      cancelled: "We stopped waiting",
    },
  },
  sw: {
    title: "Lipa na M-PESA",
    amount: "Kiasi",
    amountLabel: "Kiasi kwa shilingi",
    reference: "Malipo ya",
    phone: "Simu",
    phoneLabel: "Nambari ya simu ya M-PESA",
    phoneHint: "Kwa mfano 0722 000000 au 0110 000000.",
    pay: "Lipa",
    payAmount: (amount) => `Lipa ${amount}`,
    safe: "PIN yako utaiweka kwenye simu yako mwenyewe, si hapa.",
    receipt: "Risiti ya M-PESA",
    stepSent: "Ombi limetumwa",
    stepPin: "PIN kwenye simu",
    stepDone: "Yamethibitishwa",
    again: "Jaribu tena",
    check: "Angalia tena",
    cancel: "Acha kusubiri",
    other: "Fanya malipo mengine",
    states: {
      sending: "Tafadhali subiri…",
      waiting: "Angalia simu yako",
      success: "Malipo yamepokelewa",
      failed: "Malipo hayajafanyika",
      unknown: "Bado haijathibitishwa",
      cancelled: "Tumeacha kusubiri",
    },
  },
};

const CHOICE = "pochi-language";

/** The language of the address, of an earlier choice, or of the browser. */
export function wishedLanguage() {
  const asked = new URL(location.href).searchParams.get("lang") ?? stored();
  const wishes = asked === null ? navigator.languages : [asked];
  const known = wishes.map((wish) => wish.slice(0, 2).toLowerCase()).find((wish) => wish in WORDS);
  return known ?? "en";
}

/** Puts a page's words into a language: every element with `data-say`. */
export function speak(words, language) {
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-say]")) {
    write(element, words[language][element.dataset.say]);
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

/** Calls `chosen` with the language of the button that is pressed, and remembers it. */
export function offerLanguages(chosen) {
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      try {
        localStorage.setItem(CHOICE, button.dataset.language);
      } catch {
        // It is not remembered, then.
      }
      chosen(button.dataset.language);
    });
  }
}

/** Puts a sentence into an element, so that no line ends within "M-PESA" or a phone number. */
export function write(element, sentence) {
  const parts = sentence.split(/(M-PESA|0\d{3} \d{6})/).map((part, number) => {
    if (number % 2 === 0) return part;
    return Object.assign(document.createElement("span"), { className: "together", textContent: part });
  });
  element.replaceChildren(...parts);
}

export function shillings(amount) {
  return `KES ${new Intl.NumberFormat("en-KE").format(amount)}`;
}

/** 254722000000 as people here read it. */
export function readablePhone(phone) {
  return phone.replace(/^254(\d{3})(\d{6})$/, "0$1 $2");
}

function stored() {
  try {
    return localStorage.getItem(CHOICE);
  } catch {
    return null;
  }
}
