// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.TestServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** What one command printed. */
record Output(int code, String out, String err) {
    /** @param words with {@code '} around what holds a blank */
    static Output of(String words) {
        return run(split(words));
    }

    /** Of a command that asks that server. */
    static Output of(TestServer server, String words) {
        var all = new ArrayList<>(split(words));
        all.add("-socketPath");
        all.add(server.config.socketPath().toString());
        return run(all);
    }

    private static List<String> split(String words) {
        var parts = new ArrayList<String>();
        var quoted = words.split("'", -1);
        for (int i = 0; i < quoted.length; i++) {
            if (i % 2 == 1) {
                parts.add(quoted[i]);
            } else if (!quoted[i].isBlank()) {
                parts.addAll(List.of(quoted[i].strip().split(" ", -1)));
            }
        }
        return parts;
    }

    private static Output run(List<String> words) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code =
                ServerCommand.run(new PrintWriter(out, true), new PrintWriter(err, true), words.toArray(String[]::new));
        return new Output(code, out.toString(), err.toString());
    }
}
