// SPDX-License-Identifier: Apache-2.0
package io.countersign.launch;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file cannot be read, in words: of the commonest causes an exception says the file's name and nothing else. */
public final class FileFailure {
    private FileFailure() {}

    /** For behind {@code cannot be read: }, where the file is named already. */
    public static String words(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "it is not there";
            case AccessDeniedException _ -> "access is denied; let the user that this program runs as read it";
            case CharacterCodingException _ -> "it is no text in utf-8";
            case FileSystemException other when other.getReason() != null -> String.valueOf(other.getReason());
            default -> String.valueOf(failure.getMessage());
        };
    }
}
