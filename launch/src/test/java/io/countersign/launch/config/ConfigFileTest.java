// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigFileTest {
    private static ConfigBlock read(String text) {
        return ConfigFile.parse(text, "test.conf");
    }

    @Test
    void blocksLabelsAndScalarsAreRead() {
        var root = read("""
                # a comment
                server {
                    bind_port = "8081" // weakly typed
                    mode = 0644
                    ca_ttl = "1h30m"
                    admin_ids = ["a", "b",]
                    on = true
                }
                plugins {
                    NodeAttestor "join_token" { plugin_data {} }
                    KeyManager { disk { plugin_data { keys_path = "${HOME}/keys.json" } } }
                }
                """);
        var server = root.block("SERVER").orElseThrow();
        assertEquals(8081, server.integer("bind_port", 0));
        assertEquals(0644, server.integer("mode", 0));
        assertEquals(Duration.ofMinutes(90), server.duration("ca_ttl", Duration.ZERO));
        assertEquals(List.of("a", "b"), server.strings("admin_ids"));
        assertTrue(server.bool("on", false));
        var plugins = root.block("plugins").orElseThrow();
        var attestor = plugins.labeledBlocks("NodeAttestor").getFirst();
        assertEquals("join_token", attestor.label());
        attestor.block().block("plugin_data");
        var keys = plugins.labeledBlocks("KeyManager").getFirst();
        assertEquals("disk", keys.label());
        assertEquals(
                "${HOME}/keys.json",
                keys.block().block("plugin_data").orElseThrow().string("keys_path", ""));
        root.check();
    }

    @Test
    void jsonIsReadLikeHcl() {
        var root = read("{\"server\": {\"bind_port\": 8081, \"x\": [\"a\"]}, \"plugins\": {\"A\": [{\"b\": {}}]}}");
        var server = root.block("server").orElseThrow();
        assertEquals(8081, server.integer("bind_port", 0));
        assertEquals(List.of("a"), server.strings("x"));
        assertEquals(
                "b",
                root.block("plugins")
                        .orElseThrow()
                        .labeledBlocks("A")
                        .getFirst()
                        .label());
        root.check();
    }

    @Test
    void nullInJsonIsNothing() {
        var root = read("""
                {"KeyManager": {"memory": {"plugin_data": null}, "disk": null},
                 "name": null, "ids": null, "port": null, "on": null, "misspelt": null}
                """);
        var manager = root.labeledBlocks("KeyManager");
        assertEquals(1, manager.size());
        assertFalse(manager.getFirst().block().has("plugin_data"));
        assertTrue(manager.getFirst().block().block("plugin_data").isEmpty());
        assertEquals("absent", root.string("name", "absent"));
        assertEquals(List.of(), root.strings("ids"));
        assertEquals(1, root.integer("port", 1));
        assertTrue(root.bool("on", true));
        assertEquals(
                "test.conf:2: misspelt: unknown key, expected one of ids, KeyManager, name, on, port",
                assertThrows(ConfigException.class, root::check).getMessage());
        assertEquals(Map.of("a", Map.of()), read("{\"a\": {\"b\": null}}").values());
        for (var text : List.of("a = null", "{\"a\": [null]}")) {
            assertEquals(
                    "test.conf:1: expected a number, true, false or a quoted string, found \"null\"",
                    assertThrows(ConfigException.class, () -> read(text)).getMessage());
        }
    }

    @Test
    void everyProblemIsInOneReportWithItsLine() {
        var root = read("server {\n bind_prot = 1\n ca_ttl = \"soon\"\n on = \"true\"\n}\nserber {}\n");
        var server = root.block("server").orElseThrow();
        server.integer("bind_port", 0);
        server.duration("ca_ttl", Duration.ZERO);
        server.bool("on", false);
        var failure = assertThrows(ConfigException.class, root::check);
        assertEquals("""
                test.conf:2: server.bind_prot: unknown key, did you mean bind_port?
                test.conf:3: server.ca_ttl: "soon" was found, expected a duration like 1h30m
                test.conf:4: server.on: "true" is no boolean, expected true or false without quotes
                test.conf:6: serber: unknown key, did you mean server?""", failure.getMessage());
    }

    @Test
    void brokenSyntaxNamesItsLine() {
        assertEquals(
                "test.conf:2: string is not closed, expected \"",
                assertThrows(ConfigException.class, () -> read("a = 1\nb = \"x\n"))
                        .getMessage());
        assertEquals(
                "test.conf:1: expected a value, found the end of the file",
                assertThrows(ConfigException.class, () -> read("a = ")).getMessage());
        var nested = assertThrows(ConfigException.class, () -> read("a = " + "[".repeat(200)));
        assertTrue(String.valueOf(nested.getMessage()).contains("nested deeper"));
    }

    @Test
    void hereDocumentsLoseTheirIndentation() {
        assertEquals(
                "one\n  two\n",
                read("a = <<-END\n    one\n      two\n    END\n").string("a", ""));
    }

    @Test
    void environmentIsExpandedOnRequest() {
        assertEquals("a=X b=X c=$ d=", ConfigFile.expand("a=$V b=${V} c=$$ d=$W", name -> name.equals("V") ? "X" : ""));
    }

    @Test
    void lastOfSeveralEqualKeysWins() {
        assertEquals("2", read("a = \"1\"\nA = \"2\"").string("a", ""));
    }

    @Test
    void whatIsThereSeveralTimesIsOne() {
        var root = read("""
                server { name = "first", ids = ["a"], sizes { least = 1 } }
                server { Name = "second", ids = ["b", "c"] }
                server = [{ sizes { most = 2 } }, { ids = "d" }]
                """);
        var server = root.block("server").orElseThrow();
        assertEquals("second", server.string("name", ""));
        assertEquals(List.of("a", "b", "c", "d"), server.strings("ids"));
        var sizes = server.block("sizes").orElseThrow();
        assertEquals(1, sizes.integer("least", 0));
        assertEquals(2, sizes.integer("most", 0));
        root.check();
    }

    @Test
    void everyRepeatedBlockIsCheckedAndNamesItsOwnLine() {
        var root = read("server {\n bind_prot = 1\n}\nserver {\n bind_port = 2\n x = 3\n}\nother = [{}, 5]\n");
        root.block("server").orElseThrow().integer("bind_port", 0);
        root.block("other");
        var failure = assertThrows(ConfigException.class, root::check);
        assertEquals("""
                test.conf:2: server.bind_prot: unknown key, did you mean bind_port?
                test.conf:6: server.x: unknown key, expected one of bind_port
                test.conf:8: other: expected a block { … }""", failure.getMessage());
    }

    @Test
    void aNameIsTheSameAsALabelAndAsAKey() {
        for (var text : List.of(
                "clusters \"a\" { x = [\"1\"] }\nclusters \"b\" { x = [\"2\"] }\nclusters \"a\" { x = [\"3\"] }",
                "clusters { a = { x = [\"1\"] } }\nclusters \"b\" { x = [\"2\"] }\nclusters { a { x = [\"3\"] } }",
                "clusters = [{ a = { x = [\"1\", \"3\"] } }, { b = { x = [\"2\"] } }]",
                "{\"clusters\": [{\"a\": [{\"x\": [\"1\"]}, {\"x\": [\"3\"]}]}, {\"b\": {\"x\": [\"2\"]}}]}",
                "{\"clusters\": {\"a\": {\"x\": [\"1\", \"3\"]}, \"b\": {\"x\": [\"2\"]}}}")) {
            var merged = read(text);
            var named = merged.mergedBlocks("clusters");
            assertEquals(
                    List.of("a", "b"),
                    named.stream().map(ConfigBlock.LabeledBlock::label).toList(),
                    text);
            assertEquals(List.of("1", "3"), named.getFirst().block().strings("x"), text);
            assertEquals(List.of("2"), named.getLast().block().strings("x"), text);
            merged.check();

            var root = read(text);
            var within = root.block("clusters").orElseThrow();
            assertEquals(List.of("a", "b"), within.keys(), text);
            assertEquals(List.of("1", "3"), within.block("a").orElseThrow().strings("x"), text);
            within.block("b").orElseThrow().strings("x");
            root.check();
        }
    }

    @Test
    void whatIsHandedOnIsOneAsWell() {
        var values = read("""
                clusters "a" { x = ["1"] }
                clusters { b { y = 1 } }
                clusters "a" { x = ["2"] }
                places = [{ z = true }, {}]
                """).values();
        assertEquals(
                Map.of(
                        "clusters",
                        Map.of("a", Map.of("x", List.of("1", "2")), "b", Map.of("y", BigDecimal.ONE)),
                        "places",
                        List.of(Map.of("z", true), Map.of())),
                values);
    }

    @Test
    void blocksThatAreToBeThereOnceAreAllShown() {
        var root = read("K \"a\" {}\nK { a {} }\nK = [{ a = [{}, {}] }]\n");
        assertEquals(4, root.labeledBlocks("K").size());
        root.check();
    }

    @Test
    void labelsNestNoDeeperThanBlocks() {
        var nested = assertThrows(ConfigException.class, () -> read("a" + " \"b\"".repeat(200) + " {}"));
        assertTrue(String.valueOf(nested.getMessage()).contains("nested deeper"));
    }

    @Test
    void durationsAreGos() {
        assertEquals(Duration.ofMillis(1500), GoDuration.parse("1.5s"));
        assertEquals(Duration.ofSeconds(-3601), GoDuration.parse("-1h1s"));
        assertThrows(IllegalArgumentException.class, () -> GoDuration.parse("5"));
        assertThrows(IllegalArgumentException.class, () -> GoDuration.parse("99999999h99999999h"));
    }
}
