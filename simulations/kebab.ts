/** Names as they are written in files: `orderTimeout` is `order-timeout`. */

export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
