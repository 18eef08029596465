const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes for people, with three figures at most: "512 B", "1.5 GiB". */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  const figure = bytes / 1024 ** power;
  const rounded = power === 0 ? Math.round(figure) : Number(figure.toPrecision(3));
  return `${rounded} ${units[power] ?? ''}`;
}
