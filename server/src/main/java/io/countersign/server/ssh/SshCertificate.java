// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.ssh;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What an authority says of a host's key (PROTOCOL.certkeys of OpenSSH). Nothing is checked but the form.
 *
 * @param blob all of it
 * @param signedBytes how many bytes of it are signed, from the first
 * @param type 1 for users, 2 for hosts
 * @param validAfter in seconds since 1970, as validBefore is; without a sign
 * @param criticalOptions the names of those that whoever does not know them must not pass over
 */
public record SshCertificate(
        ByteString blob,
        int signedBytes,
        SshKey key,
        long serial,
        int type,
        String keyId,
        List<String> principals,
        long validAfter,
        long validBefore,
        List<String> criticalOptions,
        SshKey authority,
        SshSignature signature) {
    public static final int HOST = 2;

    private static final String SUFFIX = "-cert-v01@openssh.com";

    public SshCertificate {
        principals = List.copyOf(principals);
        criticalOptions = List.copyOf(criticalOptions);
    }

    /** Whether such bytes begin with the name of a type of certificate. */
    public static boolean isOne(ByteString blob) {
        return new SshReader(blob).text().endsWith(SUFFIX);
    }

    /** @throws IllegalArgumentException if it is malformed */
    public static SshCertificate parse(ByteString blob) {
        var reader = new SshReader(blob);
        var name = reader.text();
        if (!name.endsWith(SUFFIX)) {
            throw new IllegalArgumentException("\"" + name + "\" was found, expected a type of certificate");
        }
        var _ = reader.string();
        var key = key(name.substring(0, name.length() - SUFFIX.length()), blob, reader);
        long serial = reader.uint64();
        int type = reader.uint32();
        var keyId = reader.text();
        var principals = new SshReader(reader.string()).texts();
        long validAfter = reader.uint64();
        long validBefore = reader.uint64();
        var options = names(new SshReader(reader.string()));
        var _ = names(new SshReader(reader.string()));
        var _ = reader.string();
        var authority = new SshKey(reader.string());
        int signedBytes = reader.position();
        var signature = SshSignature.parse(reader.string());
        if (!reader.isAtEnd()) {
            throw new IllegalArgumentException("there is something behind the certificate");
        }
        return new SshCertificate(
                blob,
                signedBytes,
                key,
                serial,
                type,
                keyId,
                principals,
                validAfter,
                validBefore,
                options,
                authority,
                signature);
    }

    /** The key's fields stand in the middle of the certificate, without the name of its type. */
    private static SshKey key(String type, ByteString blob, SshReader reader) {
        int start = reader.position();
        int fields = type.equals("ssh-ed25519") ? 1 : 2;
        for (int i = 0; i < fields; i++) {
            var _ = reader.string();
        }
        var name = type.getBytes(StandardCharsets.US_ASCII);
        var length = ByteBuffer.allocate(Integer.BYTES).putInt(name.length).flip();
        return new SshKey(ByteString.copyFrom(length)
                .concat(ByteString.copyFrom(name))
                .concat(blob.substring(start, reader.position())));
    }

    /** Of pairs of name and value. */
    private static List<String> names(SshReader pairs) {
        var names = new ArrayList<String>();
        while (!pairs.isAtEnd()) {
            names.add(pairs.text());
            var _ = pairs.string();
        }
        return names;
    }

    /** What the authority has signed. */
    public ByteString signed() {
        return blob.substring(0, signedBytes);
    }
}
