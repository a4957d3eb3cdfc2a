# SPDX-License-Identifier: Apache-2.0
# Calls FetchX509SVID over a Unix socket by hand, so that a test can do between connecting and reading what no library
# does; or another method, with its message in hexadecimal digits: CALLER_METHOD and CALLER_MESSAGE. Prints a line for each thing that comes back: DATA for an answer, REFUSED for the end of a call, CLOSED.
#   caller.pl SOCKET stay            asks and keeps reading
#   caller.pl SOCKET wait            waits for the file SOCKET.go before it connects, asks and keeps reading
#   caller.pl SOCKET user UID        connects, becomes another user, asks
#   caller.pl SOCKET late UID        asks, becomes another user after the first answer, keeps reading
#   caller.pl SOCKET heir            connects, leaves the connection to a child and ends; the child asks
#   caller.pl SOCKET heirs           the same, with the child waiting for the file SOCKET.go before it asks
#   caller.pl SOCKET other           asks, executes this again after the first answer, keeps reading
#   caller.pl SOCKET hasty           asks and ends at once
#   caller.pl SOCKET storm COUNT     asks on so many connections and counts the first answers
use strict;
use warnings;
use Socket;
use POSIX ();

my ($path, $mode, $number) = @ARGV;
my $method = $ENV{CALLER_METHOD} // '/SpiffeWorkloadAPI/FetchX509SVID';
my $message = pack('H*', $ENV{CALLER_MESSAGE} // '');
$| = 1;
$^F = 255;    # executing something else leaves connections open

sub frame {
    my ($type, $flags, $stream, $payload) = @_;
    return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload;
}

sub connected {
    socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
    connect($socket, sockaddr_un($path)) or die "connect: $!";
    return $socket;
}

sub ask {
    my ($socket) = @_;
    my @fields = (
        ':method', 'POST', ':scheme', 'http', ':path', $method,
        ':authority', 'localhost', 'content-type', 'application/grpc', 'te', 'trailers', 'workload.spiffe.io', 'true');
    my $headers = '';
    while (my ($name, $value) = splice(@fields, 0, 2)) {
        $headers .= "\0" . chr(length $name) . $name . chr(length $value) . $value;
    }
    my $bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(4, 0, 0, '') . frame(1, 4, 1, $headers)
        . frame(0, 1, 1, "\0" . pack('N', length $message) . $message);
    local $SIG{PIPE} = 'IGNORE';
    syswrite($socket, $bytes);
}

sub bytes {
    my ($socket, $count) = @_;
    my $bytes = '';
    while (length $bytes < $count) {
        my $read = sysread($socket, $bytes, $count - length $bytes, length $bytes);
        return unless $read;
    }
    return $bytes;
}

# the next thing that is worth a line
sub next_line {
    my ($socket) = @_;
    while (defined(my $head = bytes($socket, 9))) {
        my $length = unpack('N', "\0" . substr($head, 0, 3));
        my ($type, $flags) = unpack('CC', substr($head, 3, 2));
        my $payload = $length ? bytes($socket, $length) : '';
        return 'CLOSED' unless defined $payload;
        syswrite($socket, frame(4, 1, 0, '')) if $type == 4 && !($flags & 1);
        syswrite($socket, frame(6, 1, 0, $payload)) if $type == 6 && !($flags & 1);
        return 'DATA' if $type == 0 && $length;
        return 'REFUSED' if ($type == 1 && $flags & 1) || $type == 3;
    }
    return 'CLOSED';
}

sub report {
    my ($socket) = @_;
    my $line;
    do {
        $line = next_line($socket);
        print "$line\n";
    } until $line eq 'CLOSED';
}

sub become {
    my ($uid) = @_;
    POSIX::setgid($uid);
    POSIX::setuid($uid) or die "setuid: $!";
}

sub wait_for_go {
    for (my $i = 0; $i < 3_000 && !-e "$path.go"; $i++) {
        select(undef, undef, undef, 0.01);
    }
}

if ($mode eq 'again') {
    open(my $socket, '+<&=', $number) or die "open: $!";
    print "AGAIN\n";
    report($socket);
    exit;
}
if ($mode eq 'storm') {
    my @sockets = map { connected() } 1 .. $number;
    ask($_) for @sockets;
    my %seen;
    $seen{next_line($_)}++ for @sockets;
    print join(' ', map { "$_ $seen{$_}" } sort keys %seen), "\n";
    <STDIN>;
    exit;
}
if ($mode eq 'wait') {
    print "WAITING\n";
    wait_for_go();
}
my $socket = connected();
if ($mode eq 'heir' || $mode eq 'heirs') {
    my $parent = $$;
    if (fork) {
        print "PARENT $parent\n";
        POSIX::_exit(0);
    }
    select(undef, undef, undef, 0.01) while getppid() == $parent;
    wait_for_go() if $mode eq 'heirs';
}
become($number) if $mode eq 'user';
ask($socket);
POSIX::_exit(0) if $mode eq 'hasty';
if ($mode eq 'late' || $mode eq 'other') {
    print next_line($socket), "\n";
    become($number) if $mode eq 'late';
    exec($^X, $0, $path, 'again', fileno $socket) if $mode eq 'other';
    print "CHANGED\n";
}
report($socket);
