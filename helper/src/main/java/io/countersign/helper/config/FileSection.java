// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.delivery.FileMode;
import io.countersign.helper.delivery.JwtBundleFile;
import io.countersign.helper.delivery.JwtTokenFile;
import io.countersign.helper.delivery.X509Files;
import io.countersign.launch.config.ConfigBlock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The keys that say which files are written, where and with which modes. Each method is called once. */
final class FileSection {
    private static final List<String> X509_NAMES =
            List.of("svid_file_name", "svid_key_file_name", "svid_bundle_file_name");
    private static final int MOST_MODE = 0777;

    private final ConfigBlock root;
    private final List<String> warnings;
    private final String folder;
    private final String hint;
    private final Map<Path, String> taken = new HashMap<>();
    private boolean any;

    FileSection(ConfigBlock root, List<String> warnings) {
        this.root = root;
        this.warnings = warnings;
        this.folder = root.string("cert_dir", "");
        this.hint = root.string("hint", "");
    }

    /** Whether any file was asked for, rightly or wrongly. */
    boolean any() {
        return any;
    }

    Optional<X509Files> x509() {
        var rules = new X509Files.Rules(
                root.bool("add_intermediates_to_bundle", false),
                root.bool("include_federated_domains", false),
                root.bool("omit_expired", false));
        var certificateMode = mode("cert_file_mode", FileMode.PUBLIC);
        var keyMode = mode("key_file_mode", FileMode.PRIVATE);
        var paths = new ArrayList<Path>();
        for (var key : X509_NAMES) {
            file(root, key).ifPresent(paths::add);
        }
        any |= !paths.isEmpty();
        if (paths.size() == X509_NAMES.size()) {
            return Optional.of(
                    new X509Files(paths.get(0), paths.get(1), paths.get(2), certificateMode, keyMode, hint, rules));
        }
        if (!paths.isEmpty()) {
            for (var key : X509_NAMES) {
                if (root.string(key, "").isEmpty()) {
                    root.problem(key, "is missing, expected all or none of " + String.join(", ", X509_NAMES));
                }
            }
        }
        return Optional.empty();
    }

    Optional<JwtBundleFile> jwtBundle() {
        var mode = mode("jwt_bundle_file_mode", FileMode.PRIVATE);
        var bundle = file(root, "jwt_bundle_file_name").map(file -> new JwtBundleFile(file, mode));
        any |= bundle.isPresent();
        return bundle;
    }

    List<JwtTokenFile> jwtTokens() {
        var mode = mode("jwt_svid_file_mode", FileMode.PRIVATE);
        var tokens = new ArrayList<JwtTokenFile>();
        for (var block : root.blocks("jwt_svids")) {
            any = true;
            var audience = required(block, "jwt_audience");
            var extra = block.strings("jwt_extra_audiences");
            required(block, "jwt_svid_file_name");
            var audiences = new ArrayList<>(List.of(audience));
            audiences.addAll(extra);
            file(block, "jwt_svid_file_name")
                    .ifPresent(file -> tokens.add(new JwtTokenFile(file, mode, audiences, hint)));
        }
        return tokens;
    }

    private static String required(ConfigBlock block, String key) {
        var value = block.string(key, "");
        if (value.isEmpty()) {
            block.problem(key, "is missing, expected a value");
        }
        return value;
    }

    /** An absolute name stands under the folder as well, as in the original. */
    private Optional<Path> file(ConfigBlock block, String key) {
        var name = block.string(key, "");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        var path = Path.of(folder, name).normalize();
        var other = taken.putIfAbsent(path, key);
        if (other != null) {
            block.problem(key, "\"" + name + "\" is also what " + other + " names, expected a file of its own");
        }
        return Optional.of(path);
    }

    /** Octal with a leading 0, else decimal: the original counts so, although hardly anybody means it. */
    private FileMode mode(String key, FileMode absent) {
        var text = root.string(key, "");
        if (text.isEmpty()) {
            return absent;
        }
        int bits;
        try {
            bits = Integer.decode(text.replaceFirst("^0[oO]", "0"));
        } catch (NumberFormatException e) {
            root.problem(key, "\"" + text + "\" was found, expected an octal number like " + absent);
            return absent;
        }
        boolean decimal = !text.startsWith("0");
        if (bits < 0 || bits > MOST_MODE) {
            var meant = decimal && bits > 0 ? "; " + text + " is decimal, write 0" + text : "";
            root.problem(key, text + " is out of range, expected 0001 to 0777" + meant);
            return absent;
        }
        if (decimal) {
            warnings.add("%s = %s is decimal and means %s; write 0%s if you mean that"
                    .formatted(key, text, new FileMode(bits), text));
        }
        return bits == 0 ? absent : new FileMode(bits);
    }
}
