// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import picocli.CommandLine.Command;

@Command(
        name = "entry",
        description = "Registration entries",
        subcommands = {
            EntryCreateCommand.class,
            EntryShowCommand.class,
            EntryUpdateCommand.class,
            EntryDeleteCommand.class,
            EntryCountCommand.class,
            EntryApplyCommand.class,
            EntryExportCommand.class,
            EntryExplainCommand.class
        })
final class EntryCommand {}
