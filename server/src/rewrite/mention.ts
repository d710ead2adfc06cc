/** Where a piece of code names something, told from its text: also inside closures, and in comments, which errs to yes. */

/** The name, or the path (`input.id`), as a whole, and not as a member of something else; `...rows` is a mention of rows. */
export function mentionOf(name: string, flags?: 'g'): RegExp {
  return new RegExp(`(?<![\\w$]|(?<!\\.)\\.)${escaped(name)}(?![\\w$])`, flags);
}

export function isMentioned(text: string, name: string): boolean {
  return mentionOf(name).test(text);
}

export function countMentions(text: string, name: string): number {
  return text.match(mentionOf(name, 'g'))?.length ?? 0;
}

/** For a regular expression: what names and paths hold besides letters. */
export function escaped(name: string): string {
  return name.replaceAll(/[$#.]/g, '\\$&');
}
