// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.datastore.Database;
import io.countersign.datastore.Row;
import io.countersign.datastore.Selector;
import io.countersign.datastore.Store;
import io.countersign.datastore.change.Update;
import io.countersign.datastore.node.AttestedNode.Certified;
import io.countersign.datastore.node.AttestedNodes.Admitted;
import io.countersign.spiffe.SpiffeId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Store.class)
class AttestedNodesTest {
    private final Store store;

    private static final SpiffeId ID = SpiffeId.parse("spiffe://example.org/spire/agent/join_token/t");
    private static final Instant END = Instant.parse("2026-01-01T00:10:00Z");
    private static final Certified FIRST = new Certified("1", END);
    private static final Certified SECOND = new Certified("2", END.plusSeconds(60));

    @TempDir
    Path folder;

    AttestedNodesTest(Store store) {
        this.store = store;
    }

    private Store.Opened opened;
    private Database database;
    private AttestedNodes nodes;

    @BeforeEach
    void open() throws IOException {
        opened = store.open(folder);
        use(opened.database());
    }

    private void use(Database open) {
        database = open;
        nodes = new AttestedNodes(database);
    }

    @AfterEach
    void close() {
        opened.close();
    }

    private static AttestedNode node(Certified current, Selector... selectors) {
        return AttestedNode.fresh(ID, "join_token", current, false, Set.of(selectors));
    }

    @Test
    void theNodeIsThereAfterARestart() throws IOException {
        var node = node(FIRST, new Selector("x509pop", "subject:cn:one"), new Selector("x509pop", "ca:two"));
        assertEquals(Admitted.DONE, nodes.admit(node, false));

        use(opened.again());

        assertEquals(Optional.of(node), nodes.find(ID));
        assertEquals(List.of(node), nodes.list().stream().map(Row::value).toList());
    }

    @Test
    void nodesThatHaveNotBeenThereForLongAreForgotten() {
        var oldest = letIn("oldest", FIRST, true);
        var next = letIn("next", FIRST, true);
        letIn("not-yet", SECOND, true);
        var firstUse = letIn("first-use", FIRST, false);
        nodes.renew(letIn("renewed", FIRST, true), SECOND);
        var banned = letIn("banned", FIRST, true);
        assertTrue(nodes.ban(banned));
        long position = nodes.since(0).position();

        assertEquals(List.of(), nodes.prune(END, true, 10));
        assertEquals(List.of(oldest), nodes.prune(END.plusSeconds(1), false, 1));
        assertEquals(List.of(next), nodes.prune(END.plusSeconds(1), false, 10));
        assertEquals(List.of(firstUse), nodes.prune(END.plusSeconds(1), true, 10));

        assertEquals(Optional.empty(), nodes.find(oldest));
        assertTrue(nodes.find(banned).orElseThrow().banned());
        var heard = assertInstanceOf(Update.Some.class, nodes.since(position)).items();
        assertEquals(Set.of(oldest.toString(), next.toString(), firstUse.toString()), heard.keySet());
    }

    private SpiffeId letIn(String name, Certified current, boolean canReattest) {
        var id = SpiffeId.parse("spiffe://example.org/spire/agent/x509pop/" + name);
        var node = AttestedNode.fresh(id, "x509pop", current, canReattest, Set.of());
        assertEquals(Admitted.DONE, nodes.admit(node, false));
        return id;
    }

    @Test
    void aRenewedCertificateCountsFromItsFirstUse() {
        assertEquals(Admitted.DONE, nodes.admit(node(FIRST), false));

        nodes.renew(ID, SECOND);
        assertEquals(Optional.of(FIRST), nodes.find(ID).orElseThrow().current());
        assertEquals(Optional.of(SECOND), nodes.find(ID).orElseThrow().renewed());

        nodes.confirm(ID, SECOND);
        assertEquals(node(SECOND), nodes.find(ID).orElseThrow());
    }

    @Test
    void aCertificateThatWasOvertakenConfirmsNothing() {
        assertEquals(Admitted.DONE, nodes.admit(node(FIRST), false));
        nodes.renew(ID, SECOND);
        nodes.renew(ID, new Certified("3", END));

        nodes.confirm(ID, SECOND);

        assertEquals(Optional.of(FIRST), nodes.find(ID).orElseThrow().current());
    }

    @Test
    void aBanLastsUntilTheNodeIsDeleted() {
        assertEquals(Admitted.DONE, nodes.admit(node(FIRST), false));
        assertTrue(nodes.ban(ID));

        assertTrue(nodes.find(ID).orElseThrow().banned());
        assertEquals(Admitted.BANNED, nodes.admit(node(SECOND), false));
        nodes.renew(ID, SECOND);
        nodes.confirm(ID, SECOND);
        assertTrue(nodes.find(ID).orElseThrow().banned());

        assertTrue(nodes.delete(ID));
        assertFalse(nodes.delete(ID));
        assertEquals(Admitted.DONE, nodes.admit(node(SECOND), false));
    }

    @Test
    void whoMayComeOnlyOnceComesOnce() {
        assertEquals(Admitted.DONE, nodes.admit(node(FIRST), true));
        assertEquals(Admitted.KNOWN, nodes.admit(node(SECOND), true));
        assertEquals(Optional.of(FIRST), nodes.find(ID).orElseThrow().current());
        assertTrue(nodes.ban(ID));
        assertEquals(Admitted.KNOWN, nodes.admit(node(SECOND), true));
    }

    @Test
    void ofManyThatMayComeOnlyOnceOneIsLetIn() throws Exception {
        try (var elsewhere = opened.another();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var servers = List.of(nodes, new AttestedNodes(elsewhere));
            List<Callable<Admitted>> tries = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                var at = servers.get(i % 2);
                tries.add(() -> at.admit(node(FIRST), true));
            }
            var outcomes = new ArrayList<Admitted>();
            for (var outcome : threads.invokeAll(tries)) {
                outcomes.add(outcome.get());
            }

            assertEquals(1, Collections.frequency(outcomes, Admitted.DONE));
            assertEquals(7, Collections.frequency(outcomes, Admitted.KNOWN));
        }
    }

    @Test
    void whatIsKnownOfANodeIsReplaced() {
        assertEquals(Admitted.DONE, nodes.admit(node(FIRST, new Selector("x509pop", "subject:cn:old")), false));

        assertEquals(Admitted.DONE, nodes.admit(node(SECOND, new Selector("x509pop", "subject:cn:new")), false));
        nodes.report(ID, "0.2.0");

        var known = nodes.find(ID).orElseThrow();
        assertEquals(Set.of(new Selector("x509pop", "subject:cn:new")), known.selectors());
        assertEquals(Optional.of(SECOND), known.current());
        assertEquals("0.2.0", known.agentVersion());
    }
}
