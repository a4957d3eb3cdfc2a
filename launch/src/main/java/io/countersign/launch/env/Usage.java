// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch.env;

import java.util.Set;

/** Of a program that has no flags but those that ask which environment variables it reads. */
public final class Usage {
    private static final Set<String> WORDS = Set.of("-h", "-help", "--help");

    private Usage() {}

    public static boolean isAskedFor(String... args) {
        return args.length == 1 && WORDS.contains(args[0]);
    }
}
