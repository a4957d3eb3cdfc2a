// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.protobuf.ByteString;
import io.countersign.agent.config.AgentConfig.NodeAttestorConfig.X509Pop;
import io.countersign.agent.server.Server.Proof;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * By a certificate that this node has from elsewhere and its key, as SPIRE's {@code x509pop}. The files are read anew for
 * each attempt, so that whoever renews them need not tell us.
 */
record X509PopAttestor(X509Pop files) implements NodeAttestor {
    @Override
    public Proof proof() throws IOException {
        var chain = new ArrayList<>(certificates("certificate_path", files.certificate()));
        if (files.intermediates().isPresent()) {
            chain.addAll(
                    certificates("intermediates_path", files.intermediates().get()));
        }
        var signer = signer();
        if (!signer.isOf(chain.getFirst().getPublicKey())) {
            throw new IOException("the key of private_key_path " + files.privateKey()
                    + " is not that of the first certificate in certificate_path " + files.certificate());
        }
        return proof(chain, signer);
    }

    static Proof proof(List<X509Certificate> chain, X509PopSigner signer) {
        return new Proof("x509pop", ByteString.copyFromUtf8(payload(chain)), signer::answer);
    }

    private static String payload(List<X509Certificate> chain) {
        return chain.stream()
                .map(X509PopAttestor::base64)
                .collect(Collectors.joining("\",\"", "{\"certificates\":[\"", "\"]}"));
    }

    private static String base64(X509Certificate certificate) {
        try {
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate has an encoding", e);
        }
    }

    private X509PopSigner signer() throws IOException {
        var file = files.privateKey();
        return PlainFile.read("private_key_path", file, () -> X509PopSigner.of(PemKey.parse(Files.readString(file))));
    }

    private static List<X509Certificate> certificates(String setting, Path file) throws IOException {
        return PlainFile.read(setting, file, () -> Pem.parseCertificates(Files.readAllBytes(file)));
    }
}
