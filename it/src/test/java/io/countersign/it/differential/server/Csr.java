// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import com.google.protobuf.ByteString;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A PKCS#10 request and the key that it is for. */
record Csr(KeyPair keys, ByteString der) {
    /**
     * @param words a kind ({@code ec}, {@code rsa} or {@code unproven}, which shows a key that its sender does not have), and
     *     then names: {@code dns:…}, {@code uri:…}, {@code subject:…} with {@code +} for a comma
     */
    static Csr parse(String words) {
        var all = words.split(", *");
        var names = Arrays.stream(all)
                .skip(1)
                .filter(word -> !word.startsWith("subject:"))
                .map(Csr::name);
        var subject = Arrays.stream(all)
                .filter(word -> word.startsWith("subject:"))
                .map(word -> word.substring("subject:".length()).replace('+', ','))
                .findAny()
                .orElse("");
        try {
            var keys = keys(all[0]);
            return new Csr(
                    keys,
                    sign(
                            all[0].equals("unproven") ? keys(all[0]) : keys,
                            keys,
                            subject,
                            names.toArray(GeneralName[]::new)));
        } catch (Exception e) {
            throw new IllegalArgumentException("no request \"" + words + "\"", e);
        }
    }

    private static GeneralName name(String word) {
        return word.startsWith("dns:")
                ? new GeneralName(GeneralName.dNSName, word.substring("dns:".length()))
                : new GeneralName(GeneralName.uniformResourceIdentifier, word.substring("uri:".length()));
    }

    private static KeyPair keys(String kind) throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance(kind.equals("rsa") ? "RSA" : "EC");
        generator.initialize(kind.equals("rsa") ? 2048 : 256);
        return generator.generateKeyPair();
    }

    private static ByteString sign(KeyPair signer, KeyPair keys, String subject, GeneralName[] names) throws Exception {
        var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic());
        if (names.length > 0) {
            var extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        var algorithm = signer.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        return ByteString.copyFrom(builder.build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()))
                .getEncoded());
    }
}
