// The module as browsers get it. Through a data: URL, because Node takes a .js file for a module only where a
// package.json says so, and the page needs none.
import { readFile } from "node:fs/promises";

const home = new URL(
  "../../../../client/mpesa_pochi/merchant/static/pochi-payment-handler.js",
  import.meta.url,
);
const source = await readFile(home);
const module = await import(`data:text/javascript;base64,${source.toString("base64")}`);

export const { PochiPaymentHandler, PhoneNumberError, formatPhone } = module;

/** The number, or the reason why it is none. */
export function formatted(written) {
  try {
    return { number: formatPhone(written) };
  } catch (error) {
    if (!(error instanceof PhoneNumberError)) throw error;
    return { refused: error.reason };
  }
}
