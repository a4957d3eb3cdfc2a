// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.svid;

import io.countersign.ca.key.Signing;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.DefaultSignatureNameFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * What a PKCS#10 request (RFC 2986) asks for, after its sender has proven to hold the key.
 *
 * @param subject nothing if it is empty
 */
public record SigningRequest(PublicKey key, List<String> uris, List<String> dnsNames, Optional<X500Principal> subject) {
    public SigningRequest {
        uris = List.copyOf(uris);
        dnsNames = List.copyOf(dnsNames);
    }

    /** The sender does not hold the key. */
    public static final class UnprovenKeyException extends IllegalArgumentException {
        UnprovenKeyException() {
            super("the request's signature is not by its key");
        }
    }

    /**
     * @throws UnprovenKeyException if its signature is not by its key
     * @throws IllegalArgumentException if it is none
     */
    public static SigningRequest parse(byte[] der) {
        try {
            var request = new JcaPKCS10CertificationRequest(der);
            var key = request.getPublicKey();
            if (!isProven(request, key)) {
                throw new UnprovenKeyException();
            }
            var subject = request.getSubject();
            return new SigningRequest(
                    key,
                    names(request, GeneralName.uniformResourceIdentifier),
                    names(request, GeneralName.dNSName),
                    subject.getRDNs().length == 0
                            ? Optional.empty()
                            : Optional.of(new X500Principal(subject.getEncoded())));
        } catch (IOException | GeneralSecurityException | OperatorCreationException | PKCSException e) {
            throw new IllegalArgumentException("no pkcs#10 request: " + e.getMessage(), e);
        }
    }

    /** By Corretto where it can: Bouncy Castle's own way is slower, and verifies twice. */
    private static boolean isProven(JcaPKCS10CertificationRequest request, PublicKey key)
            throws IOException, GeneralSecurityException, OperatorCreationException, PKCSException {
        var algorithm = new DefaultSignatureNameFinder().getAlgorithmName(request.getSignatureAlgorithm());
        var corretto = Signing.corretto(algorithm);
        if (corretto.isEmpty()) {
            return request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key));
        }
        var signature = Signature.getInstance(algorithm, corretto.get());
        signature.initVerify(key);
        signature.update(request.toASN1Structure().getCertificationRequestInfo().getEncoded(ASN1Encoding.DER));
        try {
            return signature.verify(request.getSignature());
        } catch (SignatureException e) {
            // not even the form of one
            return false;
        }
    }

    private static List<String> names(JcaPKCS10CertificationRequest request, int tag) {
        var names = new ArrayList<String>();
        for (var attribute : request.getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
            for (var value : attribute.getAttributeValues()) {
                var found = Extensions.getInstance(value).getExtension(Extension.subjectAlternativeName);
                if (found != null) {
                    for (var name :
                            GeneralNames.getInstance(found.getParsedValue()).getNames()) {
                        if (name.getTagNo() == tag) {
                            names.add(name.getName().toString());
                        }
                    }
                }
            }
        }
        return names;
    }
}
