// SPDX-License-Identifier: Apache-2.0
package io.countersign.server;

import com.google.protobuf.ByteString;
import io.countersign.ca.key.KeyType;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A PKCS#10 request and the key that it is for. */
public record Request(KeyPair keys, ByteString der) {
    /** Names nobody, as an agent's. */
    public static Request bare() {
        return of("", new GeneralName[0]);
    }

    public static Request uris(String subject, String... uris) {
        return of(
                subject,
                Arrays.stream(uris)
                        .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
                        .toArray(GeneralName[]::new));
    }

    public static Request withDns(String subject, String uri, String... dns) {
        return of(
                subject,
                Stream.concat(
                                Stream.of(new GeneralName(GeneralName.uniformResourceIdentifier, uri)),
                                Arrays.stream(dns).map(name -> new GeneralName(GeneralName.dNSName, name)))
                        .toArray(GeneralName[]::new));
    }

    /** Says a key that its sender does not have. */
    public static Request unproven() {
        return sign(KeyType.EC_P256.generate(), KeyType.EC_P256.generate(), "", new GeneralName[0]);
    }

    private static Request of(String subject, GeneralName[] names) {
        var keys = KeyType.EC_P256.generate();
        return sign(keys, keys, subject, names);
    }

    private static Request sign(KeyPair keys, KeyPair signer, String subject, GeneralName[] names) {
        try {
            var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic());
            if (names.length > 0) {
                var extensions = new ExtensionsGenerator();
                extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
                builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
            }
            var content = new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate());
            return new Request(keys, ByteString.copyFrom(builder.build(content).getEncoded()));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
