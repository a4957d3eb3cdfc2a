// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.delivery.Choice;
import io.countersign.helper.delivery.Layout;
import io.countersign.helper.delivery.Ownership;
import io.countersign.helper.delivery.X509File;
import io.countersign.helper.delivery.X509Files;
import io.countersign.helper.notify.Announcement;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.spiffe.SpiffeId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The X.509 identities: the original's, and what the block {@code countersign} says of it and of others. The original refuses
 * that block, so that nobody believes it is in force there.
 */
final class IdentitySection {
    private final ConfigBlock root;
    private final FileSection files;
    private final boolean daemon;
    private final Optional<ConfigBlock> ours;
    private final Choice first;
    private final Shared shared;
    private final X509Files.Rules rules;
    private final Map<Path, String> folders = new HashMap<>();

    IdentitySection(ConfigBlock root, FileSection files, boolean daemon) {
        this.root = root;
        this.files = files;
        this.daemon = daemon;
        this.ours = root.block("countersign");
        this.first = ours.map(block -> first(block, files.hint())).orElseGet(() -> Choice.byHint(files.hint()));
        this.shared = ours.map(block -> Shared.read(block, Shared.OURS)).orElse(Shared.ORIGINAL);
        this.rules = new X509Files.Rules(
                root.bool("add_intermediates_to_bundle", false),
                root.bool("include_federated_domains", false),
                root.bool("omit_expired", false));
    }

    /** Whether there is a block of our own. */
    boolean ours() {
        return ours.isPresent();
    }

    /** Who alone may stand in the original's files, if that is said. */
    Optional<SpiffeId> id() {
        return first instanceof Choice.ById(var id) ? Optional.of(id) : Optional.empty();
    }

    /** Of the original's files. */
    Ownership ownership() {
        return shared.ownership();
    }

    List<Identity> read() {
        var identities = new ArrayList<Identity>();
        var names = new ArrayList<>(files.three(root, files.folder()));
        if (ours.isEmpty()) {
            identity(files.folder(), first, names, shared, Announcement.NONE).ifPresent(identities::add);
            return identities;
        }
        var block = ours.get();
        names.addAll(files.more(block, files.folder()));
        var announcement = new AnnouncementSection(block, daemon).read();
        if (names.isEmpty() && !announcement.isEmpty()) {
            block.problem("", "tells of files that are not there, expected notify and proven_by where files are named");
        }
        together(block, files.folder(), names, shared);
        identity(files.folder(), first, names, shared, announcement).ifPresent(identities::add);
        for (var each : block.blocks("identities")) {
            identity(each, shared).ifPresent(identities::add);
        }
        return identities;
    }

    /** An ID that is expected keeps the identity of another trust domain, or another program, out of the files. */
    private static Choice first(ConfigBlock block, String hint) {
        if (block.string("spiffe_id", "").isEmpty()) {
            return Choice.byHint(hint);
        }
        if (!hint.isEmpty()) {
            block.problem("spiffe_id", "is given as well as hint, expected one of them");
        }
        return byId(block);
    }

    private static Choice byId(ConfigBlock block) {
        try {
            return new Choice.ById(SpiffeId.parse(block.string("spiffe_id", "")));
        } catch (IllegalArgumentException e) {
            block.problem("spiffe_id", String.valueOf(e.getMessage()));
            return Choice.FIRST;
        }
    }

    private Optional<Identity> identity(ConfigBlock block, Shared above) {
        var name = block.string("folder", "");
        var folder = Path.of(files.folder().toString(), name).normalize();
        if (name.isEmpty()) {
            block.problem("folder", "is missing, expected a folder below cert_dir");
        }
        var shared = Shared.read(block, above);
        var names = new ArrayList<>(files.three(block, folder));
        names.addAll(files.more(block, folder));
        if (names.isEmpty()) {
            block.problem("", "no file is asked for, expected svid_file_name or combined_file_name or others");
        }
        together(block, folder, names, shared);
        return identity(folder, choice(block), names, shared, new AnnouncementSection(block, daemon).read());
    }

    private static Choice choice(ConfigBlock block) {
        var hint = block.string("hint", "");
        var id = block.string("spiffe_id", "");
        if (hint.isEmpty() == id.isEmpty()) {
            block.problem("", "which identity is not said, expected either hint or spiffe_id");
            return Choice.FIRST;
        }
        return id.isEmpty() ? Choice.byHint(hint) : byId(block);
    }

    private Optional<Identity> identity(
            Path folder, Choice choice, List<X509File> named, Shared shared, Announcement announcement) {
        if (named.isEmpty()) {
            return Optional.empty();
        }
        // who is woken by a new certificate finds its key
        var ordered = named.stream()
                .sorted(Comparator.comparing(file -> file instanceof X509File.Chain))
                .toList();
        var layout = shared.together()
                ? new Layout.Together(folder)
                : new Layout.OneByOne(ordered.stream().map(X509File::path).toList());
        var files = new X509Files(choice, ordered, rules, layout, shared.ownership());
        return Optional.of(new Identity(
                folder.toString().isEmpty() ? "." : folder.toString(), files, announcement, shared.minValidity()));
    }

    /** What can only appear together, and what cannot. */
    private void together(ConfigBlock block, Path folder, List<X509File> named, Shared shared) {
        if (named.isEmpty()) {
            return;
        }
        var other = folders.putIfAbsent(folder, block.has("folder") ? "another identity" : "the first identity");
        if (other != null) {
            block.problem("folder", "\"" + folder + "\" is also the folder of " + other + ", expected one of its own");
        }
        for (var file : named) {
            if (!shared.together() && file instanceof X509File.BundleFolder) {
                block.problem(
                        "bundle_folder", "needs together = true, so that trust domains that are gone go from the disk");
            }
            var parent = Objects.requireNonNullElse(file.path().getParent(), Path.of(""));
            if (shared.together() && !parent.equals(folder)) {
                block.problem(
                        "together",
                        "\"%s\" is not in \"%s\", expected names without / where files appear together"
                                .formatted(file.path(), folder));
            }
        }
    }

    /** What an identity has from the block around it, if its own says nothing. */
    private record Shared(boolean together, Ownership ownership, Optional<Duration> minValidity) {
        static final Shared ORIGINAL = new Shared(false, Ownership.AS_BEFORE, Optional.empty());
        /** Certificates that have ended are of no use to anybody. */
        static final Shared OURS = new Shared(false, Ownership.AS_BEFORE, Optional.of(Duration.ZERO));

        static Shared read(ConfigBlock block, Shared above) {
            var owner = block.string("owner");
            var group = block.string("group");
            var minValidity = block.duration("min_validity").or(above::minValidity);
            if (minValidity.filter(Duration::isNegative).isPresent()) {
                block.problem("min_validity", "is negative, expected a duration like 10m");
            }
            return new Shared(
                    block.bool("together", above.together()),
                    new Ownership(owner.or(above.ownership()::owner), group.or(above.ownership()::group)),
                    minValidity);
        }
    }
}
