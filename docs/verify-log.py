#!/usr/bin/env python3
"""Verifies a log that Leasehold exported, without Leasehold: a second opinion, Python's standard library only.

LOG is turns.ndjson or turns.ndjson.gz. Signatures are checked by openssl, with --pubkey. Prints the last turn and its
hash. Exits 0 (nothing is wrong), 65 (altered), 66 (the end is missing), 68 (a signature), 2 (usage), 78 (newer).
"""

import argparse, base64, gzip, hashlib, json, os, re, subprocess, sys, tempfile

CHAIN = re.compile(r'\{"(chain|end)":\{"turn":(\d{1,15}),"hash":"([0-9a-f]{64})"(?:,"checkpoints":(\d+))?\}\}')
DER = bytes.fromhex('302a300506032b6570032100')  # what precedes the 32 bytes of an Ed25519 key (RFC 8410)


class Wrong(Exception):
    pass


def hash_after(before, number, text):
    return hashlib.sha256(b'leasehold turn 1\n' + before + number.to_bytes(8, 'big') + text).digest()


def lines_of(path):
    """The lines without their ends; a line that was not ended is cut off, unless it is whole."""
    with open(path, 'rb') as file:
        packed = file.read(2) == b'\x1f\x8b'
    try:
        with (gzip.open if packed else open)(path, 'rb') as file:
            for line in file:
                yield line[:-1] if line.endswith(b'\n') else line
    except EOFError:
        raise Wrong(66, 'the gzip file ends too early')


def entries(path):
    """('turn', number, text), ('hash', number, hash) and ('signed', line) as they come; what is not so is damage."""
    chained, ended, last, hashed, signed, parts = False, False, 0, 0, 0, []
    for at, line in enumerate(lines_of(path), 1):
        if at == 1 and line.startswith(b'{"log":'):
            if line != b'{"log":{"format":2}}':
                raise Wrong(78, f'line 1 is of another version: {line[:80]!r}')
            chained = True
            continue
        if ended:
            raise Wrong(65, f'line {at} follows the end of the log')
        if line.startswith(b'{"checkpoint":'):  # of a simulation: digests, which only a replay can check
            signed += 1
            yield ('signed' if chained else 'digest'), line.decode()
            continue
        if line.startswith(b'{"part":'):
            part = json.loads(line)
            if part['part'] != len(parts) + 1 or part['turn'] != last + 1:
                raise Wrong(65, f'line {at}: a part is missing before it')
            parts.append(part['text'])
            if part['part'] < part['of']:
                continue
            line, parts = ''.join(parts).encode(), []
        found = CHAIN.fullmatch(line.decode()) if chained else None
        if found is None:
            if chained and last > 0 and last % 256 == 0 and hashed != last:
                raise Wrong(65, f'line {at}: the hash of turn {last} is missing')
            number = json.loads(line)['number']
            if number != last + 1:
                raise Wrong(65, f'line {at}: turn {number} follows turn {last}')
            last = number
            yield 'turn', number, line
            continue
        kind, turn, digest, count = found.groups()
        if int(turn) != last or (kind == 'end' and int(count) != signed):
            raise Wrong(65, f'line {at} does not belong there')
        hashed, ended = last, kind == 'end'
        yield 'hash', last, bytes.fromhex(digest)
    if parts or (chained and not ended):
        raise Wrong(66, 'the file ends before the log does')


def keys_of(path):
    blocks = re.findall(r'BEGIN PUBLIC KEY-----([^-]+)-----END', open(path).read())
    keys = [base64.b64decode(''.join(block.split())) for block in blocks]
    return {hashlib.sha256(key).hexdigest()[:32]: key for key in keys if key.startswith(DER)}


def check_signature(record, keys, retired):
    text = '\n'.join(['leasehold checkpoint 1', *(str(record[k]) for k in ('log', 'position', 'hash', 'time', 'key'))])
    text = f'{text}\n{record.get("next", "-")}\n'
    if record['key'] not in keys or record['key'] in retired:
        raise Wrong(68, f'the checkpoint of turn {record["position"]} is not signed with a key that counts')
    with tempfile.TemporaryDirectory() as folder:
        files = {'key': keys[record['key']], 'text': text.encode(), 'sig': base64.b64decode(record['signature'])}
        for name, content in files.items():
            with open(os.path.join(folder, name), 'wb') as file:
                file.write(content)
        command = 'openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key -in text -sigfile sig'
        if subprocess.run(command.split(), cwd=folder, capture_output=True).returncode != 0:
            raise Wrong(68, f'the signature of the checkpoint of turn {record["position"]} is wrong')
    if 'next' in record:
        key = base64.b64decode(record['next'])
        keys[hashlib.sha256(key).hexdigest()[:32]] = key
        retired.add(record['key'])


def verify(args):
    claims, keys = {}, keys_of(args.pubkey) if args.pubkey else {}
    in_log, in_file = (dict(keys), set()), (dict(keys), set())  # a file of checkpoints, in its order

    def claim(turn, digest, where):
        claims.setdefault(int(turn), []).append((bytes.fromhex(digest), where))

    def take_signed(line, trust):
        record = json.loads(line)
        if keys:
            check_signature(record, *trust)
            claim(1, record['log'], 'a checkpoint')
            claim(record['position'], record['hash'], 'a checkpoint')

    if args.anchors:
        slots = re.findall(r'leasehold anchor 1 (\d+) ([0-9a-f]{64}) ', open(args.anchors, encoding='latin1').read())
        claim(*max(slots, key=lambda slot: int(slot[0])), 'the anchor')
    for receipt in open(args.receipts).read().split() if args.receipts else []:
        claim(*re.fullmatch(r'pos=(\d+);hash=([0-9a-f]{64})', receipt).groups(), 'a receipt')
    for line in open(args.checkpoints).read().splitlines() if args.checkpoints else []:
        take_signed(line, in_file)
    turn, digest = 0, hashlib.sha256(b'leasehold log 1\n').digest()
    for kind, *entry in entries(args.log):
        if kind == 'turn':
            turn, digest = entry[0], hash_after(digest, *entry)
            for kept, where in claims.pop(turn, []):
                if kept != digest:
                    raise Wrong(65, f'turn {turn}, or one before it, is not what it was by {where}')
        elif kind == 'hash' and entry[1] != digest:
            raise Wrong(65, f'turn {turn}, or one before it, was altered')
        elif kind == 'signed':
            take_signed(entry[0], in_log)
    if any(claims):
        raise Wrong(66, f'the log ends with turn {turn}; turn {max(claims)} was in it')
    print(turn, digest.hex())


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description='Verifies an exported log.')
    parser.add_argument('log')
    for option in ('anchors', 'checkpoints', 'pubkey', 'receipts'):
        parser.add_argument(f'--{option}')
    try:
        verify(parser.parse_args())
    except Wrong as wrong:
        print(wrong.args[1], file=sys.stderr)
        sys.exit(wrong.args[0])
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        print(f'cannot be read: {error!r}', file=sys.stderr)
        sys.exit(65)
