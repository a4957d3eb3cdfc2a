// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.ca.key.KeyType;
import io.countersign.ca.key.Signing;
import io.countersign.spiffe.SpiffeId;
import java.io.IOException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A fresh P-256 key and the PKCS#10 request to mint a certificate for it. */
final class KeyAndRequest {
    private static final X500Principal SUBJECT = new X500Principal("O=SPIRE, C=US");

    final KeyPair keys = KeyType.EC_P256.generate();
    final byte[] der;

    KeyAndRequest(SpiffeId id, List<String> dnsNames) {
        var names = new ArrayList<GeneralName>();
        names.add(new GeneralName(GeneralName.uniformResourceIdentifier, id.toString()));
        dnsNames.forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
        var algorithm = KeyType.signatureAlgorithm(keys.getPublic());
        try {
            var extensions = new ExtensionsGenerator();
            extensions.addExtension(
                    Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            var signer = new JcaContentSignerBuilder(algorithm)
                    .setProvider(Signing.provider(algorithm, keys.getPrivate()))
                    .build(keys.getPrivate());
            der = new JcaPKCS10CertificationRequestBuilder(SUBJECT, keys.getPublic())
                    .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                    .build(signer)
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a request for \"" + id + "\" cannot be made", e);
        }
    }
}
