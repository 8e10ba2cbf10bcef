/** What to do where a host cannot be had: libvirt and ssh say what failed, and hardly ever why. */

/** What is found in their words, in this order, and what helps. */
const ADVICE: readonly (readonly [found: string, advice: string])[] = [
  ['Permission denied (', 'the host does not take the key: give it the public one, as with ssh-copy-id'],
  [
    'Host key verification failed',
    'the host is not in known_hosts, or has another key than it had: see what key it has',
  ],
  ['Could not resolve hostname', 'its name has no address here: write it as ssh knows it'],
  ['Name or service not known', 'its name has no address here'],
  ['virt-ssh-helper: not found', 'libvirt is not installed there'],
  ['virt-ssh-helper: command not found', 'libvirt is not installed there'],
  ['nc: not found', 'a netcat is not installed there (netcat-openbsd)'],
  ['nc: command not found', 'a netcat is not installed there (netcat-openbsd)'],
  [
    "-sock': No such file or directory",
    'libvirt does not run there: install it, or start it (systemctl start libvirtd)',
  ],
  ["-sock': Connection refused", 'libvirt does not run there any more: start it (systemctl start libvirtd)'],
  [
    "-sock': Permission denied",
    'the user may not use libvirt there: put it into the group libvirt, and begin a new login',
  ],
  [
    'authentication unavailable',
    'the user may not use libvirt there: put it into the group libvirt, and begin a new login',
  ],
  ['authentication failed', 'the user may not use libvirt there: put it into the group libvirt, and begin a new login'],
  ['Cannot read CA certificate', 'the certificate of the authority is missing here (cacert.pem)'],
  ['Cannot read certificate', 'our certificate is missing here (clientcert.pem)'],
  ['Cannot read private key', 'the key of our certificate is missing here (clientkey.pem)'],
  [
    "hasn't got a known issuer",
    'another authority than ours has signed the certificate of the host: compare cacert.pem here and there',
  ],
  [
    'not trusted',
    'another authority than ours has signed the certificate of the host: compare cacert.pem here and there',
  ],
  [
    'owner does not match the hostname',
    'the certificate of the host is for another name: use that in the URI, or give it this one',
  ],
  ['certificate has expired', 'the certificate has to be renewed'],
  [
    ":16514': Connection refused",
    'libvirt does not listen for TLS there (virtproxyd-tls.socket, or libvirtd-tls.socket)',
  ],
  [
    ":16509': Connection refused",
    'libvirt does not listen for TCP there (virtproxyd-tcp.socket, or libvirtd-tcp.socket)',
  ],
  ['Connection refused', 'nobody listens there: does its sshd run?'],
  ['Network is unreachable', 'there is no way to its network from here'],
  ['No route to host', 'it is off, or there is no way to it from here'],
  ['Connection timed out', 'it is off, or a firewall is between'],
];

/** The message, and the first step. */
export function advised(message: string): string {
  const [, advice] = ADVICE.find(([found]) => message.includes(found)) ?? [];
  return advice === undefined ? message : `${message}; ${advice}`;
}
