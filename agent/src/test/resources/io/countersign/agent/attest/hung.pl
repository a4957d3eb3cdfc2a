# SPDX-License-Identifier: Apache-2.0
# A file system of one file, "program", which is this Perl. Prints NONE and ends where no such one can be made. It is mounted
# where nobody else sees it, and gone when this ends.
#   hung.pl FOLDER HANG ARGUMENT...   runs the program with these arguments; answers nothing more once the file HANG is there,
#                                     and takes that away
use strict;
use warnings;
use POSIX ();

my ($folder, $hang, @arguments) = @ARGV;
my ($MOUNT, $UNSHARE) = (165, 272);
my ($NEW_MOUNTS, $PRIVATE) = (0x20000, 0x44000);

$SIG{CHLD} = 'IGNORE';
open(my $source, '<:raw', $^X) or die "$^X: $!";
my $program = do { local $/; <$source> };

sub none {
    print "NONE\n";
    exit;
}

sub call {
    none() if syscall(shift, @_) == -1;
}

# the numbers of the system calls are those of this machine
none() unless (POSIX::uname())[4] eq 'x86_64';
open(my $fuse, '+<:raw', '/dev/fuse') or none();
call($UNSHARE, $NEW_MOUNTS);
my ($none, $root, $type) = ("none", "/", "fuse");
call($MOUNT, $none, $root, $none, $PRIVATE, $none);
my $options = "fd=" . fileno($fuse) . ",rootmode=40000,user_id=0,group_id=0,allow_other";
call($MOUNT, $none, $folder, $type, 0, $options);

sub attributes {
    my ($node) = @_;
    my ($mode, $size) = $node == 1 ? (040755, 0) : (0100755, length $program);
    return pack('Q6 L10', $node, $size, ($size + 511) / 512, 0, 0, 0, 0, 0, 0, $mode, 1, 0, 0, 0, 4096, 0);
}

# what is asked, by its number, and what is answered; nothing is to be remembered about it
my %answers = (
    1 => sub { my ($node, $body) = @_; return $body =~ /^program\0/ ? pack('Q4 L2', 2, 0, 0, 0, 0, 0) . attributes(2) : undef },
    3 => sub { return pack('Q L2', 0, 0, 0) . attributes($_[0]) },
    14 => sub { return pack('Q L2', 0, 2, 0) },
    15 => sub { my (undef, $at, $size) = unpack('Q2 L', $_[1]); return $at < length $program ? substr($program, $at, $size) : '' },
    18 => sub { return '' },
    25 => sub { return '' },
    26 => sub { return pack('L4 S2 L2 S2 L8', 7, 31, 65536, 0, 0, 0, 65536, 1, 16, 0, (0) x 8) },
);
my %unanswered = map { $_ => 1 } 2, 36, 42;

my $caller = fork() // die "fork: $!";
if ($caller == 0) {
    # all of it is in memory afterwards, so that it runs on when nothing is answered
    open(my $file, '<:raw', "$folder/program") or die "program: $!";
    my $all = do { local $/; <$file> };
    close $file;
    exec { "$folder/program" } $^X, @arguments or die "exec: $!";
}

my $select = '';
vec($select, fileno($fuse), 1) = 1;
while (!-e $hang) {
    next if select(my $ready = $select, undef, undef, 0.02) <= 0;
    my $length = sysread($fuse, my $request, 1 << 18) // next;
    my (undef, $what, $id, $node) = unpack('L2 Q2', $request);
    next if $unanswered{$what};
    my $answer = $answers{$what} ? $answers{$what}->($node, substr($request, 40)) : undef;
    my $error = defined $answer ? 0 : $what == 1 ? -2 : -38;
    $answer //= '';
    syswrite($fuse, pack('L l Q', 16 + length $answer, $error, $id) . $answer);
}
# whoever asks waits from now on
unlink $hang;
sleep 1 while kill 0, $caller;
