// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How a command prints what the server has answered. */
enum OutputFormat {
    PRETTY,
    JSON;

    static final class Reader implements ITypeConverter<OutputFormat> {
        @Override
        public OutputFormat convert(String text) {
            return switch (text) {
                case "pretty" -> PRETTY;
                case "json" -> JSON;
                default ->
                    throw new TypeConversionException(
                            "bad formatter flag: unknown format option: \"" + text + "\"; expected pretty or json");
            };
        }
    }
}
