/**
 * The editor's window as a person has it: keys, mouse, what can be seen. Works by the browser debugging port, which
 * both Chromium and the desktop build offer. Everything that the extension API can tell is asked there, not here.
 */
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

import { environment } from './environment.ts';

export class Workbench {
  readonly #browser: Browser;
  readonly page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
  }

  static async connect(): Promise<Workbench> {
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${environment('EDITOR_TEST_DEBUG_PORT')}`);
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
      if ((await page.locator('.monaco-workbench').count()) > 0) return new Workbench(browser, page);
    }
    throw new Error('No page shows the workbench.');
  }

  /** Types the name into the command palette and takes the entry that reads exactly so. */
  async runFromPalette(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const box = this.page.locator('.quick-input-widget input[type="text"]');
    await box.waitFor({ state: 'visible' });
    await box.pressSequentially(title, { delay: 10 });
    const row = this.page
      .locator('.quick-input-list .monaco-list-row')
      .filter({ has: this.page.getByText(title, { exact: true }) });
    await row.first().waitFor({ state: 'visible' });
    await row.first().click();
  }

  /** What the language status menu in the status bar says. */
  async languageStatus(): Promise<string> {
    await this.page.locator('[id="status.languageStatus"]').hover();
    const entries = this.page.locator('.hover-language-status');
    await entries.first().waitFor({ state: 'visible' });
    const text = (await entries.allInnerTexts()).join('\n');
    await this.page.mouse.move(0, 0);
    return text;
  }

  /** Presses the lightbulb's key and waits for its menu. */
  async openQuickFixes(): Promise<string[]> {
    await this.page.keyboard.press('Control+.');
    const rows = this.page.locator('.action-widget .monaco-list-row.action .title');
    await rows.first().waitFor({ state: 'visible' });
    return rows.allInnerTexts();
  }

  async chooseQuickFix(title: string): Promise<void> {
    await this.page.locator('.action-widget .monaco-list-row.action', { hasText: title }).first().click();
  }

  /** The text of the rendered Markdown page, and its links by their text. */
  async markdownPreview(expected: string): Promise<{ text: string; open: (link: string) => Promise<void> }> {
    const deadline = Date.now() + 20_000;
    while (Date.now() < deadline) {
      for (const frame of this.page.frames()) {
        const body = frame.locator('body.vscode-body .markdown-body, body.vscode-body');
        const [text = ''] = await body.allInnerTexts().catch(() => []);
        if (!text.includes(expected)) continue;
        return { text, open: (link) => frame.locator('a', { hasText: link }).first().click() };
      }
      await this.page.waitForTimeout(250);
    }
    throw new Error(`No Markdown preview shows "${expected}".`);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(environment('EDITOR_TEST_OUTPUT'), `${name}.png`) });
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
