/**
 * Turns of the event loop that fakes let pass before they answer or tell something. A clock that is turned by hand stands
 * still until none of them is left: what is asked takes no time by it, however much is asked one after the other and however
 * busy the machine is.
 */
let left = 0;

/** Acts one turn later. */
export function aTurnLater(act: () => void): void {
  left += 1;
  setImmediate(() => {
    left -= 1;
    act();
  });
}

export async function aTurn(): Promise<void> {
  return new Promise(resolve => {
    aTurnLater(resolve);
  });
}

export function areTurnsLeft(): boolean {
  return left > 0;
}
