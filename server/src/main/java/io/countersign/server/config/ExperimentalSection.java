// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.launch.config.ConfigBlock;
import java.util.List;
import java.util.Map;

/** The block {@code experimental}: of the original's experiments those are taken that nothing here depends on. */
final class ExperimentalSection {
    private static final String AT_ONCE = "has no effect: this server hears of changes at once and reads only those";
    private static final String CHANGES = "events_based_cache";
    private static final List<String> INTERVALS = List.of(
            "cache_reload_interval", "full_cache_reload_interval", "prune_events_older_than", "event_timeout");

    private static final String POLICIES = "auth_opa_policy_engine";
    private static final String FLAGS = "feature_flags";
    private static final String NOT_HERE = "is an experiment of the original that is not supported here; remove it";
    private static final String NO_WIT = "is of WIT-SVIDs, which are not supported; remove it";
    private static final List<String> SWITCHES = List.of("agent_spiffe_id_as_selector", "require_pq_kem");
    private static final Map<String, String> TEXTS = Map.of(
            "named_pipe_name", "is for Windows; use socket_path",
            "sql_transaction_timeout", "is an old name of event_timeout, which has no effect here; remove it",
            "wit_issuer", NO_WIT,
            "wit_key_type", NO_WIT);

    private ExperimentalSection() {}

    static void read(ConfigBlock server, Notices notices) {
        server.block("experimental").ifPresent(block -> {
            take(block, notices);
            refuse(block);
        });
    }

    private static void take(ConfigBlock block, Notices notices) {
        for (var key : INTERVALS) {
            if (isSaid(block, key)) {
                block.duration(key);
                notices.add(block, key, AT_ONCE);
            }
        }
        if (block.bool(CHANGES, false)) {
            notices.add(block, CHANGES, AT_ONCE);
        }
    }

    private static void refuse(ConfigBlock block) {
        block.refuse(POLICIES, "is not supported here; remove it and write roles { … } beside server { … }");
        TEXTS.forEach((key, why) -> {
            if (isSaid(block, key)) {
                block.problem(key, why);
            }
        });
        for (var key : SWITCHES) {
            if (block.bool(key, false)) {
                block.problem(key, NOT_HERE);
            }
        }
        if (!block.strings(FLAGS).isEmpty()) {
            block.problem(FLAGS, NOT_HERE);
        }
    }

    private static boolean isSaid(ConfigBlock block, String key) {
        return !block.string(key, "").isEmpty();
    }
}
