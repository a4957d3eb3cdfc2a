// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.wire.Ids;
import io.countersign.serverapi.types.Entry;
import io.countersign.serverapi.types.Entry.AdditionalAttributes;
import io.countersign.spiffe.SpiffeId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The flags that say what an entry is to be. */
final class EntryFlags {
    @Option(names = "--entryID", description = "The ID of the entry (random if it is new)")
    String entryId = "";

    @Option(names = "--parentID", description = "The SPIFFE ID of this record's parent")
    String parentId = "";

    @Option(names = "--spiffeID", description = "The SPIFFE ID that this record represents")
    String spiffeId = "";

    @Option(names = "--selector", description = "A colon-delimited type:value selector. Can be used more than once")
    List<String> selectors = new ArrayList<>();

    @Option(names = "--x509SVIDTTL", description = "The lifetime, in seconds, for X509-SVIDs (0: the server's default)")
    int x509Ttl;

    @Option(names = "--jwtSVIDTTL", description = "The lifetime, in seconds, for JWT-SVIDs (0: the server's default)")
    int jwtTtl;

    @Option(
            names = "--federatesWith",
            description = "SPIFFE ID of a trust domain to federate with. Can be used more than once")
    List<String> federatesWith = new ArrayList<>();

    @Option(names = "--admin", description = "Whether this workload may call the server as an administrator")
    boolean admin;

    @Option(names = "--downstream", description = "Whether this workload is a downstream server")
    boolean downstream;

    @Option(names = "--storeSVID", description = "Whether the SVID is stored by a plugin")
    boolean storeSvid;

    @Option(names = "--entryExpiry", description = "When the entry is removed, in seconds since 1970 (0: never)")
    long expiry;

    @Option(names = "--dns", description = "A DNS name that X509-SVIDs have. Can be used more than once")
    List<String> dnsNames = new ArrayList<>();

    @Option(names = "--hint", description = "A hint for the workload, to tell its SVIDs apart")
    String hint = "";

    @Option(
            names = "--disableX509SVIDPrefetch",
            description = "Whether X509-SVIDs are made only when they are asked for")
    boolean noPrefetch;

    @Option(names = "--jwtSVIDIncludeJTI", description = "Whether each JWT-SVID has an ID of its own")
    boolean uniqueTokens;

    @Option(names = "--data", paramLabel = "FILE", description = "A JSON file with entries; - for standard input")
    String data = "";

    /**
     * What the file says, or else the one that the flags describe.
     *
     * @param node whether it is for nodes; nothing where there is no such flag
     */
    List<Entry> entries(Optional<Boolean> node) throws IOException {
        return data.isEmpty() ? List.of(entry(node)) : EntryFile.read(data);
    }

    private void check(Optional<Boolean> node) {
        require(!selectors.isEmpty(), "at least one selector is required");
        require(!node.orElse(false) || federatesWith.isEmpty(), "node entries can not federate");
        require(
                !parentId.isEmpty() || node.orElse(false),
                node.isPresent() ? "a parent ID is required if the node flag is not set" : "a parent ID is required");
        require(!spiffeId.isEmpty(), "a SPIFFE ID is required");
        require(x509Ttl >= 0, "a positive x509-SVID TTL is required");
        require(jwtTtl >= 0, "a positive JWT-SVID TTL is required");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private Entry entry(Optional<Boolean> node) {
        check(node);
        var id = SpiffeId.parse(spiffeId);
        var parent = node.orElse(false) ? SpiffeId.of(id.trustDomain(), "/spire/server") : SpiffeId.parse(parentId);
        var entry = Entry.newBuilder()
                .setId(entryId)
                .setSpiffeId(Ids.message(id))
                .setParentId(Ids.message(parent))
                .addAllSelectors(SelectorFlags.parse(selectors))
                .setX509SvidTtl(x509Ttl)
                .setJwtSvidTtl(jwtTtl)
                .addAllFederatesWith(federatesWith)
                .setAdmin(admin)
                .setDownstream(downstream)
                .setExpiresAt(expiry)
                .addAllDnsNames(dnsNames)
                .setStoreSvid(storeSvid)
                .setHint(hint);
        if (noPrefetch || uniqueTokens) {
            entry.setAdditionalAttributes(AdditionalAttributes.newBuilder()
                    .setDisableX509SvidPrefetch(noPrefetch)
                    .setJwtSvidIncludeJti(uniqueTokens));
        }
        return entry.build();
    }
}
