// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.protobuf.ByteString;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.SshPop;
import io.countersign.agent.server.Server.Proof;
import io.countersign.spiffe.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * By this host's SSH certificate and key, as SPIRE's {@code sshpop}. A nonce of our own goes into what is signed, so that the
 * server cannot have us sign what it likes. The files are read anew for each attempt.
 */
record SshPopAttestor(SshPop files) implements NodeAttestor {
    private static final int NONCE_BYTES = 32;

    @Override
    public Proof proof() throws IOException {
        var key = PlainFile.read("host_key_path", files.key(), () -> SshHostKey.parse(Files.readString(files.key())));
        var certificate = certificate();
        if (!key.isOf(certificate)) {
            throw new IOException("the key of host_key_path " + files.key() + " is not that of the certificate in"
                    + " host_cert_path " + files.certificate());
        }
        return new Proof(
                "sshpop",
                ByteString.copyFromUtf8("{\"Certificate\":\"" + base64(certificate.toByteArray()) + "\"}"),
                challenge -> answer(key, challenge));
    }

    /** The line {@code type base64 comment} of a file that ssh-keygen has written. */
    private ByteString certificate() throws IOException {
        Path file = files.certificate();
        return PlainFile.read("host_cert_path", file, () -> {
            var words = Files.readString(file).strip().split("\\s+", 3);
            if (words.length < 2 || !words[0].endsWith("-cert-v01@openssh.com")) {
                throw new IllegalArgumentException("no certificate found, expected its type and base64");
            }
            return ByteString.copyFrom(Base64.getDecoder().decode(words[1]));
        });
    }

    private static ByteString answer(SshHostKey key, ByteString challenge) {
        var own = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(own);
        var signature = key.sign(digest(nonce(challenge), own));
        return ByteString.copyFromUtf8(
                "{\"Nonce\":\"%s\",\"Signature\":{\"Format\":\"%s\",\"Blob\":\"%s\",\"Rest\":null}}"
                        .formatted(
                                base64(own),
                                signature.format(),
                                base64(signature.blob().toByteArray())));
    }

    private static byte[] nonce(ByteString challenge) {
        if (Json.parse(challenge.toByteArray()) instanceof Json.Members asked
                && asked.text("Nonce").isPresent()) {
            var nonce = Base64.getDecoder().decode(asked.text("Nonce").get());
            if (nonce.length == NONCE_BYTES) {
                return nonce;
            }
        }
        throw new IllegalArgumentException("the challenge has no nonce of " + NONCE_BYTES + " bytes");
    }

    private static byte[] digest(byte[] asked, byte[] own) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(asked);
            return digest.digest(own);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
