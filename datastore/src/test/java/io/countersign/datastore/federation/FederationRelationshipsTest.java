// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.Store;
import io.countersign.datastore.federation.BundleEndpoint.HttpsSpiffe;
import io.countersign.datastore.federation.BundleEndpoint.HttpsWeb;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Store.class)
class FederationRelationshipsTest {
    private final Store store;

    private static final TrustDomain OTHER = new TrustDomain("other.org");
    private static final FederationRelationship WEB = new FederationRelationship(
            OTHER, BundleEndpoint.parse("https://other.org:8443/bundle?a=b", new HttpsWeb()));
    private static final FederationRelationship SPIFFE = new FederationRelationship(
            OTHER,
            BundleEndpoint.parse(
                    "https://192.0.2.1/", new HttpsSpiffe(SpiffeId.parse("spiffe://other.org/spire/server"))));

    @TempDir
    Path folder;

    FederationRelationshipsTest(Store store) {
        this.store = store;
    }

    private Store.Opened opened;
    private Database database;
    private FederationRelationships relationships;
    private FederatedBundles bundles;

    @BeforeEach
    void open() throws IOException {
        opened = store.open(folder);
        use(opened.database());
    }

    private void use(Database open) {
        database = open;
        relationships = new FederationRelationships(database);
        bundles = new FederatedBundles(database);
    }

    @AfterEach
    void close() {
        opened.close();
    }

    private static Optional<FederatedBundle> empty() {
        return Optional.of(FederatedBundle.of(TrustBundle.ofX509(OTHER, List.of())));
    }

    @Test
    void everyFieldIsThereAfterARestart() throws IOException {
        assertTrue(relationships.create(SPIFFE, Optional.empty()));

        use(opened.again());

        assertEquals(List.of(new Row<>(1, SPIFFE)), relationships.list());
        assertEquals(0, bundles.count());
    }

    @Test
    void aRelationshipIsMadeOnceAndARefusedOneLeavesTheBundleAsItIs() {
        assertTrue(relationships.create(WEB, Optional.empty()));

        assertFalse(relationships.create(SPIFFE, empty()));

        assertEquals(Optional.of(WEB), relationships.find(OTHER));
        assertEquals(0, bundles.count());
    }

    @Test
    void aProfileIsReplacedWithTheBundleToBeginWith() {
        assertTrue(relationships.create(SPIFFE, Optional.empty()));

        assertEquals(Optional.of(WEB), relationships.update(OTHER, old -> WEB, empty()));

        assertEquals(Optional.of(WEB), relationships.find(OTHER));
        assertEquals(1, bundles.count());
        assertEquals(Optional.empty(), relationships.update(new TrustDomain("nobody.org"), old -> old, empty()));
    }

    @Test
    void theBundleOutlivesTheRelationship() {
        assertTrue(relationships.create(WEB, empty()));

        assertTrue(relationships.delete(OTHER));
        assertFalse(relationships.delete(OTHER));
        assertEquals(1, bundles.count());
    }

    @ParameterizedTest
    @CsvSource({
        "http://other.org/, must use the https scheme",
        "other.org, must use the https scheme",
        "https:///path, must specify the host",
        "https://me:secret@other.org/, must not contain user info",
        "https://other.org/a b, failed to parse bundle endpoint URL"
    })
    void aUrlThatBreaksARuleIsRefused(String url, String reason) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> BundleEndpoint.parse(url, new HttpsWeb()));

        assertTrue(String.valueOf(refusal.getMessage()).contains(reason), refusal::getMessage);
    }

    @Test
    void aSchemeIsReadWhateverItsCase() {
        assertEquals(
                "https://other.org/A",
                BundleEndpoint.parse("HTTPS://other.org/A", new HttpsWeb())
                        .url()
                        .toString());
    }
}
