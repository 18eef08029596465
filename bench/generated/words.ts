import { below, pick, seededRandom, type Random } from '../harness/random.ts';

/** Words that programs are written with; identifiers are put together out of them. */
const nouns = `account address agent alias archive array batch block body branch bucket buffer bulk byte cache callback
candidate channel chunk claim client cluster column commit condition config connection container content context copy
counter cursor daemon deadline decision delta depth document domain edge engine entry error event exchange field file
filter fingerprint folder frame group handle hash header heap history host identity index input instance interval item
job journal key label layer lease length level limit line link list loader lock log loop map marker memory message
metric mode module mutex name namespace node object offset operation option order outcome output owner packet page
parser partition patch path payload peer phase pipeline plan pod point policy pool port position prefix probe process
profile progress promise property provider proxy query queue quota range record region registry reply report request
resource response result retry revision role root route row rule runner sample schedule schema scope secret section
segment selector sequence server service session setting shape shard signal size slot snapshot socket source span stage
state step store strategy stream string subject suffix summary switch table tag target task template tenant term test
thread threshold ticket timer token topic trace tree trigger tuple type unit update user value variant vector verdict
version view volume watch weight window worker writer zone`.split(/\s+/);

const verbs =
  `add apply assert attach await begin bind build cancel check claim clean clone close collect combine commit
compare compile compute connect consume copy count create decide decode delete deliver detach discard drain drop emit
encode end ensure expand expect extract fetch fill filter find finish flush format forward freeze gather get grow handle
hold index init insert inspect join keep link list load lock look make map mark match measure merge mount move note open
order parse patch pick plan poll pop print probe publish pull push put read reap rebuild receive reconcile record
reduce refresh register reject release remove rename render repair replace report request require reset resolve restart
restore retry return run sample save scan schedule search select send serve settle shrink sign skip sort split start
stop store stream submit sum swap switch sync take tell test touch trace track trim unlock update validate verify visit
wait wake walk warn watch wrap write yield`.split(/\s+/);

const plain = `the a of and to in is that for it with as was on are by this be at from or an which one not have has if
when than then only never always after before while until each every no more other same both so because where what`.split(
  /\s+/,
);

const capital = (word: string): string => `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`;

export function noun(random: Random): string {
  return pick(random, nouns);
}

/** Names of a code base: few stand everywhere, most in a handful of places. */
const vocabulary = 6000;
const names: readonly string[] = Array.from({ length: vocabulary }, (_, at) => {
  const random = seededRandom(at);
  const more = random() < 0.35 ? 0 : 1 + below(random, 2);
  return noun(random) + Array.from({ length: more }, () => capital(noun(random))).join('');
});

/** `documentCursor`, `lease`, `shardPhaseOwner`. */
export function camelName(random: Random): string {
  return names[Math.floor(vocabulary * random() ** 3)] as string; // the index is below the length
}

/** `ShardPhase`. */
export function typeName(random: Random): string {
  return capital(camelName(random));
}

/** `resolveDocumentCursor`. */
export function functionName(random: Random): string {
  const name = camelName(random);
  return (verbs[name.length % verbs.length] as string) + capital(name); // a remainder is below the length
}

/** `resolve_document_cursor`. */
export function snakeName(random: Random): string {
  return `${pick(random, verbs)}_${noun(random)}${random() < 0.4 ? `_${noun(random)}` : ''}`;
}

/** A number, a string or a name, as an argument is. */
export function literal(random: Random): string {
  const kind = random();
  if (kind < 0.3) return String(below(random, 4096));
  if (kind < 0.6) return `'${noun(random)}-${noun(random)}'`;
  return camelName(random);
}

/** Words of a sentence, no full stop. */
export function sentence(random: Random, words: number): string {
  const all = Array.from({ length: words }, () =>
    random() < 0.5 ? pick(random, plain) : random() < 0.7 ? noun(random) : pick(random, verbs),
  );
  return capital(all.join(' '));
}
