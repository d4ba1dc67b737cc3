"""Every source's own form, read into one."""

from training.sources.yolo import read_class_names, read_yolo_folder, rows_of

__all__ = ["read_class_names", "read_yolo_folder", "rows_of"]
