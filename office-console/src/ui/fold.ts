// Vietnamese names as they are looked for: without case, accents, or the quarrel over where the tone mark stands.
// Refuses to be shown: a folded name is for comparing only.

/** `Hoà`, `Hòa` and `HOA` become `hoa`; `Đ` becomes `d`. */
export function fold(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}
