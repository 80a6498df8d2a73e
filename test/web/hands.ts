import type { Page } from "playwright-core";

/** How somebody uses a page: what stands there is named as a screen reader names it. */
export interface Hands {
  press(name: string | RegExp): Promise<void>;
  fill(label: string, text: string): Promise<void>;
}

/** With a pointer, or with a finger. */
export const pointer = (page: Page): Hands => ({
  press: async (name) => {
    const wanted = ["link", "button"] as const;
    const [link, button] = wanted.map((role) => page.getByRole(role, exactly(name)).first());
    await (link && button
      ? link
          .or(button)
          .or(page.locator("summary", { hasText: name }))
          .first()
      : link
    )?.click();
  },
  fill: (label, text) => page.getByLabel(label, { exact: true }).first().fill(text),
});

const exactly = (name: string | RegExp) => ({ name, exact: typeof name === "string" });

/** With nothing but Tab, Enter and letters; fails where Tab does not lead there, or where nobody sees what has the focus. */
export const keyboard = (page: Page): Hands => ({
  press: async (name) => {
    await tabTo(page, name);
    await page.keyboard.press("Enter");
  },
  fill: async (label, text) => {
    await tabTo(page, label);
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  },
});

/** Nobody presses Tab more often than that. */
const MOST_TABS = 80;

// What a screen reader would say of what has the focus, and whether it is outlined.
const FOCUSED = `(() => {
  const one = document.activeElement;
  const label = one.labels && one.labels[0];
  const outline = getComputedStyle(one);
  return {
    name: (one.getAttribute("aria-label") || (label || one).textContent || "").trim().replace(/\\s+/g, " "),
    seen: outline.outlineStyle !== "none" && parseFloat(outline.outlineWidth) >= 2,
  };
})()`;

const tabTo = async (page: Page, name: string | RegExp): Promise<void> => {
  for (let pressed = 0; pressed < MOST_TABS; pressed += 1) {
    await page.keyboard.press("Tab");
    const focused = (await page.evaluate(FOCUSED)) as { readonly name: string; readonly seen: boolean };
    if (typeof name === "string" ? focused.name !== name : !name.test(focused.name)) continue;
    if (focused.seen) return;
    throw new Error(`${name} has the focus, and nobody sees it.`);
  }
  throw new Error(`Tab does not lead to ${name} at ${page.url()}.`);
};
