"""What others say when something fails, in Chinese: the reader of YAML and the operating system."""

import errno
import os

YAML = {
    "mapping values are not allowed in this context": "这里不能出现“键: 值”（多了冒号，或缩进不对）",
    "could not find expected ':'": "缺少冒号",
    "did not find expected ',' or '}'": "缺少逗号或 }",
    "did not find expected ',' or ']'": "缺少逗号或 ]",
    "did not find expected key": "这里应有一个键（检查缩进）",
    "did not find expected node content": "这里缺少内容",
    "did not find expected '-' indicator": "这里应以 - 开头（检查缩进）",
    "did not find expected <document start>": "这里的内容接不上前文（检查缩进）",
    "did not find expected alphabetic or numeric character": "& 或 * 之后缺少名称",
    "found character that cannot start any token": "这个字符不能用在开头（例如制表符、@、`）",
    "found a tab character that violates indentation": "缩进用了制表符",
    "found unexpected end of stream": "引号或括号没有结束",
    "found unknown escape character": "不认识的转义字符（双引号中的反斜杠）",
    "found unexpected document indicator": "这里不能出现 --- 或 ...",
    "found undefined alias": "没有这个别名",
    "found duplicate anchor": "锚点重复",
    "found undefined tag handle": "没有这个标签",
    "block sequence entries are not allowed in this context": "这里不能出现以 - 开头的列表（检查缩进）",
    "block mapping entries are not allowed in this context": "这里不能出现“键: 值”（检查缩进）",
    "mapping keys are not allowed in this context": "这里不能出现键",
    "control characters are not allowed": "含有控制字符",
    "special characters are not allowed": "含有特殊字符",
    "invalid leading UTF-8 octet": "不是 UTF-8",
    "invalid Unicode character": "不是有效字符",
    "expected a single document in the stream": "一个文件只能有一份内容（多了 ---）",
    "but found another document": "一个文件只能有一份内容（多了 ---）",
    "did not find expected whitespace or line break": "这里应有空格或换行",
    "did not find expected hexdecimal number": "转义字符后应是十六进制数",
    "found invalid Unicode character escape code": "转义的字符不存在",
    "did not find expected comment or line break": "这里应换行",
    "did not find expected '!'": "标签写法不对",
}
SYSTEM = {
    os.strerror(number): words
    for number, words in (
        (errno.ENOENT, "没有这个文件或文件夹"),
        (errno.EACCES, "没有权限"),
        (errno.EPERM, "不允许这样操作"),
        (errno.EISDIR, "这是文件夹"),
        (errno.ENOTDIR, "路径中有一段不是文件夹"),
        (errno.ENOSPC, "磁盘已满"),
        (errno.EROFS, "文件系统只读"),
        (errno.ENAMETOOLONG, "文件名过长"),
        (errno.EIO, "读写出错"),
        (errno.EINVAL, "文件名不正确"),
    )
}


def told_by_others(words: str) -> str | None:
    """Their words in Chinese; None for words that are not known."""
    return YAML.get(words) or SYSTEM.get(words)
