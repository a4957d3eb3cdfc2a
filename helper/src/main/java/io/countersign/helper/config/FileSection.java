// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.delivery.FileMode;
import io.countersign.helper.delivery.JwtBundleFile;
import io.countersign.helper.delivery.JwtTokenFile;
import io.countersign.helper.delivery.Ownership;
import io.countersign.helper.delivery.X509File;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.spiffe.SpiffeId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The keys that say which files are written, where and with which modes. Each method is called once for each block. */
final class FileSection {
    private static final String SVID = "svid_file_name";
    private static final String KEY = "svid_key_file_name";
    private static final String BUNDLE = "svid_bundle_file_name";
    private static final List<String> X509_NAMES = List.of(SVID, KEY, BUNDLE);
    private static final String PKCS12 = "pkcs12_file_name";
    private static final String PASSWORD = "pkcs12_password_file";

    private final ConfigBlock root;
    private final String folder;
    private final String hint;
    private final FileMode certificateMode;
    private final FileMode keyMode;
    private final ModeKeys modes;
    private final Map<Path, String> taken = new HashMap<>();
    private boolean any;

    FileSection(ConfigBlock root, List<String> warnings) {
        this.root = root;
        this.folder = root.string("cert_dir", "");
        this.hint = root.string("hint", "");
        this.modes = new ModeKeys(root, warnings);
        this.certificateMode = modes.read("cert_file_mode", FileMode.PUBLIC);
        this.keyMode = modes.read("key_file_mode", FileMode.PRIVATE);
    }

    /** Whether any file was asked for, rightly or wrongly. */
    boolean any() {
        return any;
    }

    /** The folder of all files of the original. */
    Path folder() {
        return Path.of(folder).normalize();
    }

    /** The original's three files of an identity, all or none of which are named; the certificate comes last. */
    List<X509File> three(ConfigBlock block, Path in) {
        var paths = new HashMap<String, Path>();
        for (var key : X509_NAMES) {
            file(block, key, in).ifPresent(path -> paths.put(key, path));
        }
        var bundle = Optional.ofNullable(paths.get(BUNDLE));
        var key = Optional.ofNullable(paths.get(KEY));
        var svid = Optional.ofNullable(paths.get(SVID));
        if (bundle.isPresent() && key.isPresent() && svid.isPresent()) {
            return List.of(
                    new X509File.Bundle(bundle.get(), certificateMode),
                    new X509File.Key(key.get(), keyMode),
                    new X509File.Chain(svid.get(), certificateMode));
        }
        if (!paths.isEmpty()) {
            for (var name : X509_NAMES) {
                if (block.string(name, "").isEmpty()) {
                    block.problem(name, "is missing, expected all or none of " + String.join(", ", X509_NAMES));
                }
            }
        }
        return List.of();
    }

    /** The forms that the original does not write. What holds a private key has the mode of the key. */
    List<X509File> more(ConfigBlock block, Path in) {
        var files = new ArrayList<X509File>();
        file(block, "bundle_folder", in).ifPresent(path -> files.add(new X509File.BundleFolder(path, certificateMode)));
        file(block, "combined_file_name", in).ifPresent(path -> files.add(new X509File.Combined(path, keyMode)));
        var password = block.string(PASSWORD, "");
        var alias = block.string("pkcs12_alias", "spiffe");
        var store = file(block, PKCS12, in);
        if (store.isPresent() == password.isEmpty()) {
            block.problem(
                    store.isPresent() ? PASSWORD : PKCS12,
                    "is missing, expected both or none of " + PKCS12 + ", " + PASSWORD);
        }
        store.ifPresent(path -> files.add(new X509File.Pkcs12(path, keyMode, Path.of(password), alias)));
        return files;
    }

    /** @param id whose trust domain has to be in it, if that is said */
    Optional<JwtBundleFile> jwtBundle(Optional<SpiffeId> id, Ownership ownership) {
        var mode = modes.read("jwt_bundle_file_mode", FileMode.PRIVATE);
        return file(root, "jwt_bundle_file_name", folder()).map(file -> new JwtBundleFile(file, mode, id, ownership));
    }

    /** @param id whose tokens they are to be, if that is said */
    List<JwtTokenFile> jwtTokens(Optional<SpiffeId> id, Ownership ownership) {
        var mode = modes.read("jwt_svid_file_mode", FileMode.PRIVATE);
        var tokens = new ArrayList<JwtTokenFile>();
        for (var block : root.blocks("jwt_svids")) {
            any = true;
            var audience = required(block, "jwt_audience");
            var extra = block.strings("jwt_extra_audiences");
            required(block, "jwt_svid_file_name");
            var audiences = new ArrayList<>(List.of(audience));
            audiences.addAll(extra);
            file(block, "jwt_svid_file_name", folder())
                    .ifPresent(file -> tokens.add(new JwtTokenFile(file, mode, audiences, hint, id, ownership)));
        }
        return tokens;
    }

    String hint() {
        return hint;
    }

    private static String required(ConfigBlock block, String key) {
        var value = block.string(key, "");
        if (value.isEmpty()) {
            block.problem(key, "is missing, expected a value");
        }
        return value;
    }

    /** An absolute name stands under the folder as well, as in the original. */
    private Optional<Path> file(ConfigBlock block, String key, Path in) {
        var name = block.string(key, "");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        any = true;
        var path = Path.of(in.toString(), name).normalize();
        var other = taken.putIfAbsent(path, key);
        if (other != null) {
            block.problem(key, "\"" + name + "\" is also what " + other + " names, expected a file of its own");
        }
        return Optional.of(path);
    }
}
