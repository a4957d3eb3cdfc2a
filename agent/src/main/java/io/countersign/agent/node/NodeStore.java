// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.node;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import io.countersign.agent.entry.Edition;
import io.countersign.agent.identity.IssuedSvid;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.X509Svid;
import io.countersign.spiffe.x509.X509SvidValidator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The node's identity on disk, in the two files of SPIRE's agent: {@code agent-data.json} in the data folder and {@code
 * keys.json} of the key manager {@code disk}. Without a key folder the key, and so the identity, ends with the process.
 * Not thread-safe.
 */
public final class NodeStore {
    /** The two places that the original has for keys: a new one goes where the one in use is not. */
    private static final String FIRST = "agent-svid-A";

    private static final String SECOND = "agent-svid-B";
    private static final Gson JSON = new GsonBuilder().disableHtmlEscaping().create();

    /** The members of agent-data.json; those that are not ours are read by the original only. */
    private static final class AgentData {
        @Nullable
        List<String> svid;

        @Nullable
        List<String> bundle;

        boolean reattestable;
    }

    private static final class Keys {
        Map<String, String> keys = new HashMap<>();
    }

    /** The SVID that is stored, and the place of its key. */
    private record Kept(X509Svid svid, String place) {}

    private final TrustDomain trustDomain;
    private final Path dataFile;
    private final Optional<Path> keyFile;

    public NodeStore(TrustDomain trustDomain, Path dataDir, Optional<Path> keyDirectory) {
        this.trustDomain = trustDomain;
        this.dataFile = dataDir.resolve("agent-data.json");
        this.keyFile = keyDirectory.map(directory -> directory.resolve("keys.json"));
    }

    /**
     * The identity stored last, if there is one of this trust domain whose key is there as well. Whether it is still
     * valid is the caller's question.
     *
     * @throws IOException if a file is there and cannot be understood
     */
    public Optional<NodeIdentity> load() throws IOException {
        var data = read(dataFile, AgentData.class);
        var bundle = storedBundle(data);
        if (bundle.isEmpty() || data.isEmpty()) {
            return Optional.empty();
        }
        boolean reattestable = data.get().reattestable;
        return kept(data)
                .map(kept -> new NodeIdentity(IssuedSvid.of(kept.svid(), Edition.NONE), bundle.get(), reattestable));
    }

    private Optional<Kept> kept(Optional<AgentData> data) throws IOException {
        if (data.isEmpty() || data.get().svid == null || keyFile.isEmpty()) {
            return Optional.empty();
        }
        var chain = certificates(data.get().svid);
        for (var stored : storedKeys(keyFile.get()).entrySet()) {
            var svid = svid(chain, key(keyFile.get(), stored.getValue()))
                    .filter(found -> found.id().isMemberOf(trustDomain));
            if (svid.isPresent()) {
                return Optional.of(new Kept(svid.get(), stored.getKey()));
            }
        }
        return Optional.empty();
    }

    /** The SVID, if that is its key: there may be another one beside it. */
    private static Optional<X509Svid> svid(List<X509Certificate> chain, PrivateKey key) {
        if (chain.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new X509Svid(X509SvidValidator.idOf(chain.getFirst()), chain, key, ""));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The bundle stored last; it counts before any bootstrap. */
    public Optional<TrustBundle> loadBundle() throws IOException {
        return storedBundle(read(dataFile, AgentData.class));
    }

    /**
     * Replaces what is stored. Each file appears whole, and if the second does not, what was stored before can still be
     * loaded.
     */
    public void save(NodeIdentity identity) throws IOException {
        if (keyFile.isPresent()) {
            saveKey(keyFile.get(), encode(identity.svid().svid().privateKey()));
        }
        var data = new AgentData();
        data.svid = encode(identity.svid().svid().chain());
        data.bundle = encode(identity.bundle().x509Authorities());
        data.reattestable = identity.reattestable();
        write(dataFile, JSON.toJson(data));
    }

    private void saveKey(Path file, String key) throws IOException {
        if (storedKeys(file).containsValue(key)) {
            return;
        }
        var keys = new Keys();
        kept(read(dataFile, AgentData.class))
                .ifPresent(
                        kept -> keys.keys.put(kept.place(), encode(kept.svid().privateKey())));
        keys.keys.put(keys.keys.containsKey(FIRST) ? SECOND : FIRST, key);
        write(file, JSON.toJson(keys));
    }

    private static String encode(PrivateKey key) {
        return Base64.getEncoder().encodeToString(key.getEncoded());
    }

    /** Forgets the SVID, as the server does not accept it any more, and keeps the bundle. */
    public void forgetSvid() throws IOException {
        var data = read(dataFile, AgentData.class);
        if (data.isPresent()) {
            data.get().svid = null;
            write(dataFile, JSON.toJson(data.get()));
        }
    }

    private Optional<TrustBundle> storedBundle(Optional<AgentData> data) throws IOException {
        if (data.isEmpty() || data.get().bundle == null) {
            return Optional.empty();
        }
        // the original leaves an empty list when it is to bootstrap anew
        return Optional.of(TrustBundle.ofX509(trustDomain, certificates(data.get().bundle)))
                .filter(bundle -> !bundle.x509Authorities().isEmpty());
    }

    /** By their places. */
    private static Map<String, String> storedKeys(Path file) throws IOException {
        return read(file, Keys.class).map(read -> read.keys).orElse(Map.of());
    }

    private static PrivateKey key(Path file, String text) throws IOException {
        try {
            return Der.parsePkcs8(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " cannot be understood: " + e.getMessage(), e);
        }
    }

    private List<X509Certificate> certificates(List<String> base64) throws IOException {
        try {
            return base64.stream()
                    .flatMap(text -> Der.parseCertificates(Base64.getDecoder().decode(text)).stream())
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new IOException(dataFile + " cannot be understood: " + e.getMessage(), e);
        }
    }

    private static List<String> encode(List<X509Certificate> certificates) throws IOException {
        try {
            var texts = new ArrayList<String>();
            for (var certificate : certificates) {
                texts.add(Base64.getEncoder().encodeToString(certificate.getEncoded()));
            }
            return texts;
        } catch (CertificateEncodingException e) {
            throw new IOException("a certificate has no encoding", e);
        }
    }

    private static <T> Optional<T> read(Path file, Class<T> type) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(JSON.fromJson(Files.readString(file), type));
        } catch (JsonParseException e) {
            throw new IOException(file + " is no valid json; move it away to start anew", e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        var fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode)) {
            var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
