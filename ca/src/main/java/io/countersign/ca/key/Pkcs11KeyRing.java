// SPDX-License-Identifier: Apache-2.0
package io.countersign.ca.key;

import io.countersign.ca.key.Pkcs11Settings.Token;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.security.AuthProvider;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.login.LoginException;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Keys in a PKCS#11 token: they are made there, sign there and cannot be read out. Each is called
 * {@code owner/id/generation}, such as {@code prod-1/x509-CA-A/3}: a new one of an id is there before the older one goes.
 *
 * <p>The JDK keeps a key in a token beside a certificate only; ours vouches for itself and is no more than the place where
 * the public half is kept. While this is open, its provider stands last in the list of the process, where it is asked for
 * its own keys only.
 */
public final class Pkcs11KeyRing implements KeyRing, AutoCloseable {
    private static final AtomicInteger OPENED = new AtomicInteger();

    private final AuthProvider provider;
    private final KeyStore store;
    private final String owner;

    private Pkcs11KeyRing(AuthProvider provider, KeyStore store, String owner) {
        this.provider = provider;
        this.store = store;
        this.owner = owner;
    }

    /** @throws IOException if there is no such module, token or PIN */
    public static Pkcs11KeyRing open(Pkcs11Settings settings) throws IOException {
        if (!Files.isRegularFile(settings.module())) {
            throw new IOException("module_path " + settings.module() + " is not there, expected a pkcs#11 module");
        }
        int slot = switch (settings.token()) {
            case Token.Labelled(var label) -> Pkcs11Slots.find(settings.module(), label);
            case Token.InSlot(int number) -> number;
        };
        var provider = provider(settings, slot);
        Security.addProvider(provider);
        try {
            return new Pkcs11KeyRing(provider, logIn(provider, settings), settings.owner());
        } catch (IOException | RuntimeException e) {
            Security.removeProvider(provider.getName());
            throw e;
        }
    }

    private static AuthProvider provider(Pkcs11Settings settings, int slot) throws IOException {
        var jdk = Security.getProvider("SunPKCS11");
        if (jdk == null) {
            throw new IOException(
                    "this Java has no provider SunPKCS11, expected one with the module jdk.crypto.cryptoki");
        }
        // private keys only: the public halves and certificates are there to be read
        var configuration = """
                --name = countersign%d
                library = "%s"
                slot = %d
                attributes(generate, CKO_PRIVATE_KEY, *) = {
                  CKA_SENSITIVE = true
                  CKA_EXTRACTABLE = false
                  CKA_SIGN = true
                }
                """.formatted(
                        OPENED.incrementAndGet(),
                        settings.module().toString().replace("\\", "\\\\").replace("\"", "\\\""),
                        slot);
        try {
            return (AuthProvider) jdk.configure(configuration);
        } catch (InvalidParameterException | ProviderException e) {
            throw new IOException(
                    "slot " + slot + " of module_path " + settings.module() + " cannot be used: " + why(e), e);
        }
    }

    private static KeyStore logIn(AuthProvider provider, Pkcs11Settings settings) throws IOException {
        var pin = settings.pin().read();
        try {
            var store = KeyStore.getInstance("PKCS11", provider);
            store.load(null, pin);
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IOException("the token does not let us in: " + why(e), e);
        } finally {
            Arrays.fill(pin, '\0');
        }
    }

    @Override
    public synchronized KeyPair generate(String id, KeyType type) throws IOException {
        try {
            var older = generations(id);
            var fresh =
                    new Name(owner, id, older.isEmpty() ? 1 : older.getLast().generation() + 1);
            var made = type.generate(provider);
            var place = selfSigned(fresh, made);
            store.setKeyEntry(fresh.toString(), made.getPrivate(), null, new Certificate[] {place});
            var kept = pair(fresh);
            for (var name : older) {
                store.deleteEntry(name.toString());
            }
            return kept;
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException("the token makes no key \"" + id + "\" of type " + type + ": " + why(e), e);
        }
    }

    @Override
    public synchronized Optional<KeyPair> find(String id) {
        try {
            var names = generations(id);
            return names.isEmpty() ? Optional.empty() : Optional.of(pair(names.getLast()));
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IllegalStateException("the token does not give key \"" + id + "\": " + why(e), e);
        }
    }

    /** @param generation counts from 1 */
    private record Name(String owner, String id, int generation) {
        @Override
        public String toString() {
            return owner + "/" + id + "/" + generation;
        }
    }

    /** Oldest first: more than one only if we were stopped between the new one and the end of the older. */
    private List<Name> generations(String id) throws KeyStoreException {
        var pattern = Pattern.compile(Pattern.quote(owner + "/" + id + "/") + "(\\d{1,9})");
        return Collections.list(store.aliases()).stream()
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .map(found -> new Name(owner, id, Integer.parseInt(found.group(1))))
                .sorted(Comparator.comparingInt(Name::generation))
                .toList();
    }

    /** With the public half as the JDK's own, which compares to others. */
    private KeyPair pair(Name name) throws GeneralSecurityException {
        if (store.getKey(name.toString(), null) instanceof PrivateKey key
                && store.getCertificate(name.toString()) instanceof X509Certificate place) {
            return new KeyPair(place.getPublicKey(), key);
        }
        throw new KeyStoreException("\"" + name + "\" is not a private key with a certificate");
    }

    private static X509Certificate selfSigned(Name name, KeyPair keys) throws GeneralSecurityException {
        var algorithm = KeyType.signatureAlgorithm(keys.getPublic());
        var subject = new X500Name("CN=" + name);
        var builder = new JcaX509v3CertificateBuilder(
                subject, BigInteger.ONE, Date.from(Instant.EPOCH), Date.from(Instant.EPOCH), subject, keys.getPublic());
        try {
            var signer = new JcaContentSignerBuilder(algorithm)
                    .setProvider(Signing.provider(algorithm, keys.getPrivate()))
                    .build(keys.getPrivate());
            return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e.getMessage(), e);
        }
    }

    /** Providers say what the token said in the cause only. */
    private static String why(Throwable failure) {
        var text = String.valueOf(failure.getMessage());
        for (var cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            text += ": " + cause.getMessage();
        }
        return text;
    }

    @Override
    public void close() {
        Security.removeProvider(provider.getName());
        try {
            provider.logout();
        } catch (LoginException | ProviderException e) {
            throw new IllegalStateException("the token does not let us out: " + why(e), e);
        }
    }
}
